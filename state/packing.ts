/**
 * Packs token ids and log-probabilities into a row: a byte with the width of each number, the
 * numbers in little-endian order, and a zero if the length would be odd. Ids take 2 or 3 bytes,
 * depending on the largest. Log-probabilities are half-precision floats; the engine's client has
 * rounded them. In memory both are bytes of int32 and float32. The loops are plain, because every
 * rollout passes through them.
 */
import { fromHalf, toHalf } from '../domain/half.ts'

function frame(width: number, count: number): Buffer {
  const size = 1 + width * count
  const isOdd = size % 2 === 1
  const blob = Buffer.allocUnsafe(isOdd ? size : size + 1)
  blob[0] = width
  if (!isOdd) blob[size] = 0
  return blob
}

/** The bytes at an aligned address, as typed arrays need. */
const aligned = (bytes: Uint8Array) => (bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes))
const countOf = (blob: Uint8Array) => Math.floor((blob.length - 1) / (blob[0] as number))

/** Number of tokens, from the bytes of ids or log-probabilities in memory. */
export const tokenCount = ({ byteLength }: Uint8Array) => byteLength / 4

export function packIds(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = aligned(bytes)
  const ids = new Int32Array(buffer, byteOffset, byteLength / 4)
  let largest = 0
  // A negative id counts as large.
  for (let i = 0; i < ids.length; i++) {
    const id = (ids[i] as number) >>> 0
    if (id > largest) largest = id
  }
  if (largest > 0xffffff) throw new RangeError(`Cannot store token id ${largest | 0} in 3 bytes`)
  const width = largest > 0xffff ? 3 : 2
  const blob = frame(width, ids.length)

  for (let i = 0, at = 1; i < ids.length; i++, at += width) {
    const id = ids[i] as number
    blob[at] = id
    blob[at + 1] = id >>> 8
    if (width === 3) blob[at + 2] = id >>> 16
  }
  return blob
}

export function unpackIds(blob: Uint8Array): Uint8Array {
  const width = blob[0] as number
  const ids = new Int32Array(countOf(blob))
  const byte = (at: number) => blob[at] as number
  for (let i = 0, at = 1; i < ids.length; i++, at += width) {
    ids[i] = byte(at) | (byte(at + 1) << 8) | (width === 3 ? byte(at + 2) << 16 : 0)
  }
  return new Uint8Array(ids.buffer)
}

export function packLogprobs(bytes: Uint8Array): Buffer {
  const { buffer, byteOffset, byteLength } = aligned(bytes)
  const halves = toHalf(new Float32Array(buffer, byteOffset, byteLength / 4))
  const blob = frame(2, halves.length)
  blob.set(new Uint8Array(halves.buffer), 1)
  return blob
}

export function unpackLogprobs(blob: Uint8Array): Uint8Array {
  const halves = new Uint8Array(blob.subarray(1, 1 + 2 * countOf(blob)))
  return new Uint8Array(fromHalf(new Uint16Array(halves.buffer)).buffer)
}
