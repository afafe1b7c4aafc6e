/**
 * Frames on the pipes between Node and our Python processes. A frame is two lengths of 4 bytes (of
 * all that follows, and of the header), a JSON header or none, then raw bytes. The Python sides are
 * sandbox/azr_sandbox/wire.py and trainer/azr_trainer/wire.py.
 */

export type Frame = { header: Record<string, unknown>; body: Buffer }

/** The longest frame. A larger length means that the bytes are not a frame. */
export const maxFrame = 1 << 30

export function encodeFrame(header: unknown, bodies: readonly Uint8Array[] = []): Buffer {
  const text = header === null ? Buffer.alloc(0) : Buffer.from(JSON.stringify(header))
  const size = bodies.reduce((sum, body) => sum + body.length, 0)
  const total = 4 + text.length + size
  if (total > maxFrame) {
    throw new RangeError(`Cannot send a frame of ${total} bytes: the limit is ${maxFrame}`)
  }
  const lengths = Buffer.allocUnsafe(8)
  lengths.writeUInt32LE(total, 0)
  lengths.writeUInt32LE(text.length, 4)
  return Buffer.concat([lengths, text, ...bodies], 4 + total)
}

/** Takes chunks and passes each whole frame to `take`. Throws on impossible lengths. */
export function createDecoder(take: (frame: Frame) => void, bound = maxFrame) {
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
      if (total > bound || headerSize > total - 4) {
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
