/**
 * Half-precision floats (IEEE 754 binary16), in which log-probabilities are stored. They have 11
 * bits, so a value is off by at most 1/2048 of itself. Node 22 has no Float16Array.
 */

const single = new Float32Array(1)
const bits = new Uint32Array(single.buffer)

/** Rounds to the nearest, ties to even. */
function encode(value: number): number {
  single[0] = value
  const all = bits[0] as number
  const sign = (all >>> 16) & 0x8000
  const size = all & 0x7fffffff
  if (size > 0x7f800000) return 0x7e00
  if (size >= 0x477ff000) return sign | 0x7c00
  // Below 2 ** -14 the steps are all 2 ** -24: rounding to a whole number of them is exact here.
  if (size < 0x38800000) return sign | nearest(Math.abs(single[0]) * 2 ** 24)
  return sign | ((size - 0x38000000 + 0xfff + ((size >>> 13) & 1)) >>> 13)
}

function nearest(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

function decode(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >>> 10) & 31
  const fraction = half & 1023
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1024 + fraction) * 2 ** (exponent - 25)
}

let table: Float32Array | null = null

export function toHalf(values: Float32Array): Uint16Array {
  const halves = new Uint16Array(values.length)
  for (let i = 0; i < halves.length; i++) halves[i] = encode(values[i] as number)
  return halves
}

export function fromHalf(halves: Uint16Array): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, half) => decode(half))
  const values = new Float32Array(halves.length)
  for (let i = 0; i < values.length; i++) values[i] = table[halves[i] as number] as number
  return values
}

/** The values after a round trip through half precision. */
export const roundToHalf = (values: Float32Array): Float32Array => fromHalf(toHalf(values))
