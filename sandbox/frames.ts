/**
 * Frames between Node and the sandbox's processes: two lengths of 4 bytes (all that follows the
 * first, the header alone), a JSON header, raw bytes. The Python side is azr_sandbox/wire.py.
 */

export type Frame = { header: Record<string, unknown>; body: Buffer }

const maxFrame = 64 << 20

export function encodeFrame(header: unknown, body: Uint8Array = new Uint8Array()): Buffer {
  const text = Buffer.from(JSON.stringify(header))
  const lengths = Buffer.alloc(8)
  lengths.writeUInt32LE(4 + text.length + body.length, 0)
  lengths.writeUInt32LE(text.length, 4)
  return Buffer.concat([lengths, text, body])
}

/** Feed it chunks; it gives each whole frame to `take`. Throws on lengths that cannot be. */
export function createDecoder(take: (frame: Frame) => void) {
  let held: Buffer = Buffer.alloc(0)
  return (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    while (held.length >= 8) {
      const total = held.readUInt32LE(0)
      const size = held.readUInt32LE(4)
      if (total > maxFrame || size > total - 4) {
        throw new RangeError(`Cannot read a frame as its lengths are wrong: ${total}, ${size}`)
      }
      if (held.length < 4 + total) return
      const header = JSON.parse(held.toString('utf8', 8, 8 + size))
      const body = held.subarray(8 + size, 4 + total)
      held = held.subarray(4 + total)
      take({ header, body })
    }
  }
}
