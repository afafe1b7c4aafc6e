/**
 * Frames to and from the learner: a 4-byte big-endian length, then MessagePack; arrays as raw
 * little-endian bytes with dtype and shape. The Python side is trainer/azr_trainer/wire.py.
 */
import { decode, encode } from '@msgpack/msgpack'

export const maxFrame = 1 << 30

export type WireArray = { dtype: 'int32' | 'float32'; shape: number[]; data: Uint8Array }

export function packArray(array: Int32Array | Float32Array): WireArray {
  const dtype = array instanceof Int32Array ? 'int32' : 'float32'
  const data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return { dtype, shape: [array.length], data }
}

export function unpackArray({ dtype, data }: WireArray): Int32Array | Float32Array {
  const bytes = new Uint8Array(data).buffer
  return dtype === 'int32' ? new Int32Array(bytes) : new Float32Array(bytes)
}

export function encodeFrame(message: unknown): Uint8Array {
  const body = encode(message)
  if (body.length > maxFrame) {
    throw new RangeError(`Cannot send a frame of ${body.length} bytes: the bound is ${maxFrame}`)
  }
  const frame = new Uint8Array(4 + body.length)
  new DataView(frame.buffer).setUint32(0, body.length)
  frame.set(body, 4)
  return frame
}

/** Feed it chunks; it gives each whole message to `take`. */
export function createDecoder(take: (message: unknown) => void) {
  let chunks: Uint8Array[] = []
  let held = 0
  let wanted: number | null = null
  const gather = (size: number) => {
    const joined = chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
    chunks = joined.length > size ? [joined.subarray(size)] : []
    held -= size
    return joined.subarray(0, size)
  }
  return (chunk: Uint8Array) => {
    chunks.push(chunk)
    held += chunk.length
    for (;;) {
      if (wanted === null) {
        if (held < 4) return
        const head = gather(4)
        wanted = new DataView(head.buffer, head.byteOffset, 4).getUint32(0)
        if (wanted > maxFrame) {
          throw new RangeError(`Cannot read a frame of ${wanted} bytes: the bound is ${maxFrame}`)
        }
      }
      if (held < wanted) return
      const body = gather(wanted)
      wanted = null
      take(decode(body))
    }
  }
}
