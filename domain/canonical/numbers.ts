/**
 * Canonical texts of numbers. Each value has one text; whole numbers have no point, whatever their
 * type.
 */

/** `-inf`, `1e+16`, `0.1` … as Python writes them. */
function toNumber(text: string): number {
  if (text.endsWith('inf')) return text.startsWith('-') ? -Infinity : Infinity
  return text === 'nan' ? Number.NaN : Number(text)
}

/** Writes a float that is not whole as Python's repr does. */
function fraction(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e-4) return String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits}e-${exponent.slice(1).padStart(2, '0')}`
}

function realText(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf'
  if (!Number.isInteger(value)) return fraction(value)
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString()
}

export const canonicalReal = (text: string): string => realText(toNumber(text))

/** A complex number without an imaginary part equals a real one. */
export function canonicalComplex(realPart: string, imaginaryPart: string): string {
  const [real, imaginary] = [toNumber(realPart), toNumber(imaginaryPart)]
  return imaginary === 0 ? realText(real) : `c(${realText(real)},${realText(imaginary)})`
}
