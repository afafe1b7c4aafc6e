/** Ticks on axes: their positions, and texts that are as exact as their distance. Pure. */

/** Digits after the point that a distance between ticks needs: 0.025 needs three. */
function digitsOf(increment: number): number {
  const [mantissa = '', exponent = '0'] = increment.toExponential(6).split('e')
  const digits = mantissa.replace(/\.?0+$/, '').replace(/^\d\.?/, '').length
  return Math.max(0, digits - Number(exponent))
}

const sizes = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const

/** `2.5k`; small numbers stay unchanged. */
export function countTick(value: number, increment: number): string {
  const [size, letter] = sizes.find(([size]) => Math.abs(value) >= 10 * size) ??
    sizes.find(([size]) => Math.abs(value) >= size && increment >= size / 10) ?? [1, '']
  return `${(value / size).toFixed(digitsOf(increment / size))}${letter}`
}

/** Uses enough digits to make neighbouring ticks different. */
export function valueTick(value: number, increment: number): string {
  if (increment < 1e-4) return value === 0 ? '0' : value.toExponential(1)
  return Math.abs(value) >= 1000 ? countTick(value, increment) : value.toFixed(digitsOf(increment))
}

export const shareTick = (value: number, increment: number) =>
  `${(100 * value).toFixed(digitsOf(Number((100 * increment).toPrecision(6))))}%`

const minute = 60
const hour = 3600

/** `30 s`, `5 min`, `1.5 h`: seconds in the largest unit that the distance allows. */
export function timeTick(seconds: number, increment: number): string {
  if (seconds === 0) return '0'
  if (increment < minute) return `${seconds.toFixed(digitsOf(increment))} s`
  if (increment < hour && seconds < 3 * hour) return `${Math.round(seconds / minute)} min`
  return `${+(seconds / hour).toFixed(2)} h`
}

/** Distances between ticks on the x axis: whole steps, and usual units of time. */
export const increments = {
  count: [1, 2, 5]
    .flatMap(first => Array.from({ length: 11 }, (_, i) => first * 10 ** i))
    .sort((a, b) => a - b),
  time: [
    ...[1, 2, 5, 10, 15, 30],
    ...[1, 2, 5, 10, 15, 30].map(minutes => minutes * minute),
    ...[1, 2, 4, 6, 12, 24, 48, 96, 240].map(hours => hours * hour),
  ],
}
