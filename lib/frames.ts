/**
 * Frames between Node and the sandbox's processes: two lengths of 4 bytes (all that follows the
 * first, the header alone), a JSON header or none, raw bytes. The Python side: sandbox/azr_sandbox/wire.py.
 */

export type Frame = { header: Record<string, unknown>; body: Buffer }

const maxFrame = 64 << 20

export function encodeFrame(header: unknown, bodies: readonly Uint8Array[] = []): Buffer {
  const text = header === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(header))
  const lengths = Buffer.allocUnsafe(8)
  const size = bodies.reduce((sum, body) => sum + body.length, 0)
  lengths.writeUInt32LE(4 + text.length + size, 0)
  lengths.writeUInt32LE(text.length, 4)
  return Buffer.concat([lengths, text, ...bodies], 8 + text.length + size)
}

/** Feed it chunks; it gives each whole frame to `take`. Throws on lengths that cannot be. */
export function createDecoder(take: (frame: Frame) => void) {
  let parts: Buffer[] = []
  let size = 0
  let wanted = 8
  return (chunk: Buffer) => {
    parts.push(chunk)
    size += chunk.length
    if (size < wanted) return
    let held = parts.length === 1 ? chunk : Buffer.concat(parts, size)
    wanted = 8
    while (held.length >= 8) {
      const total = held.readUInt32LE(0)
      const headerSize = held.readUInt32LE(4)
      if (total > maxFrame || headerSize > total - 4) {
        throw new RangeError(
          `Cannot read a frame as its lengths are wrong: ${total}, ${headerSize}`,
        )
      }
      wanted = 4 + total
      if (held.length < wanted) break
      const header = headerSize === 0 ? {} : JSON.parse(held.toString('utf8', 8, 8 + headerSize))
      const body = held.subarray(8 + headerSize, wanted)
      held = held.subarray(wanted)
      wanted = 8
      take({ header, body })
    }
    parts = held.length > 0 ? [held] : []
    size = held.length
  }
}
