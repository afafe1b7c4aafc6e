/**
 * Messages to and from the learner. A frame's header is the message. It lists its arrays as [name,
 * type, length]; their little-endian bytes follow in that order. The Python side is
 * trainer/azr_trainer/wire.py, the frames are in lib/frames.ts.
 */
import { encodeFrame, type Frame } from '../../lib/frames.ts'

export type Arrays = Record<string, Int32Array | Float32Array>

const types = { int32: Int32Array, float32: Float32Array }

export function encodeMessage(message: object, arrays: Arrays = {}): Buffer {
  const listed = Object.entries(arrays).map(([name, array]) => {
    return [name, array instanceof Int32Array ? 'int32' : 'float32', array.length]
  })
  const bodies = Object.values(arrays).map(
    ({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength),
  )
  return encodeFrame({ ...message, arrays: listed }, bodies)
}

/** Throws if the list of arrays and the bytes do not agree. */
export function arraysOf({ header, body }: Frame): Arrays {
  const listed = header.arrays as [string, keyof typeof types, number][]
  let at = 0
  const found = listed.map(([name, type, length]) => {
    // A copy starts at a multiple of four, and does not keep the whole frame in memory.
    const bytes = Uint8Array.from(body.subarray(at, at + 4 * length))
    at += 4 * length
    return [name, new types[type](bytes.buffer)] as const
  })
  if (at !== body.length) {
    throw new RangeError(`Cannot read a message of ${body.length} bytes: its arrays need ${at}`)
  }
  return Object.fromEntries(found)
}
