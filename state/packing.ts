/**
 * How token ids and log-probabilities lie in a row: a byte that says how many each number takes, the
 * numbers, little-endian, and a zero where that makes the length odd. Ids take 2 or 3 bytes, as
 * large as the largest needs; log-probabilities are half-precision floats, to which the engine's
 * client has rounded them. A blob of even length is of a run before this: 4 bytes for each number.
 * In memory both are bytes of int32 and float32.
 */
import { fromHalf, toHalf } from '../src/domain/half.ts'

function frame(width: number, count: number): Buffer {
  const size = 1 + width * count
  const blob = Buffer.alloc(size + (size % 2 === 0 ? 1 : 0))
  blob[0] = width
  return blob
}

/** The bytes, at a place in memory where numbers may begin. */
const aligned = (bytes: Uint8Array) => new Uint8Array(bytes).buffer
const isPlain = ({ length }: Uint8Array) => length % 2 === 0
const countOf = (blob: Uint8Array) => Math.floor((blob.length - 1) / (blob[0] as number))

export function packIds(bytes: Uint8Array): Buffer {
  const ids = new Int32Array(aligned(bytes))
  const width = ids.some(id => id > 0xffff) ? 3 : 2
  const blob = frame(width, ids.length)
  for (let i = 0; i < ids.length; i++) blob.writeUIntLE(ids[i] as number, 1 + width * i, width)
  return blob
}

export function unpackIds(blob: Uint8Array): Uint8Array {
  if (isPlain(blob)) return new Uint8Array(blob)
  const [width, count] = [blob[0] as number, countOf(blob)]
  const view = Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength)
  const ids = Int32Array.from({ length: count }, (_, i) => view.readUIntLE(1 + width * i, width))
  return new Uint8Array(ids.buffer)
}

export function packLogprobs(bytes: Uint8Array): Buffer {
  const halves = toHalf(new Float32Array(aligned(bytes)))
  const blob = frame(2, halves.length)
  blob.set(new Uint8Array(halves.buffer), 1)
  return blob
}

export function unpackLogprobs(blob: Uint8Array): Uint8Array {
  if (isPlain(blob)) return new Uint8Array(blob)
  const halves = new Uint16Array(aligned(blob.subarray(1, 1 + 2 * countOf(blob))))
  return new Uint8Array(fromHalf(halves).buffer)
}
