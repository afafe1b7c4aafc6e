/**
 * Reads number words like word2number, which the paper's pipeline tries on every answer. It skips
 * other words, so `one of them` is 1. Null if it finds no number.
 */

const small =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen ' +
  'sixteen seventeen eighteen nineteen'
const tens = 'twenty thirty forty fifty sixty seventy eighty ninety'
const words = new Map<string, number>([
  ...small.split(' ').map((word, value) => [word, value] as const),
  ...tens.split(' ').map((word, i) => [word, 20 + 10 * i] as const),
  ...Object.entries({ hundred: 100, thousand: 1e3, million: 1e6, billion: 1e9 }),
])
const powers = ['billion', 'million', 'thousand']

/**
 * The value of up to four words: `three hundred forty two`. Of more words, only the first counts.
 */
function formed(part: readonly string[]): number | null {
  const [a, b = 0, c = 0, d = 0] = part.map(word => words.get(word) as number)
  if (a === undefined) return null
  if (part.length === 4) return a * b + c + d
  if (part.length === 3) return a * b + c
  if (part.length === 2) return a === 100 || b === 100 ? a * b : a + b
  return a
}

/** The words between the powers, each part times the power that follows it. */
function wholeOf(found: readonly string[]): number | null {
  if (found.length < 2) return found.length === 0 ? 0 : (words.get(found[0] as string) as number)
  let total = 0
  let from = 0
  for (const power of powers) {
    const at = found.indexOf(power)
    if (at < 0) continue
    if (at < from) return null
    const times = formed(found.slice(from, at))
    if (times === null) return null
    total += times * (words.get(power) as number)
    from = at + 1
  }
  if (from === found.length) return total
  const rest = formed(found.slice(from))
  return rest === null ? null : total + rest
}

/** Digits after the point; 0 if there is another word among them. */
function fractionOf(digits: readonly string[]): number {
  const values = digits.map(word => words.get(word) as number)
  return values.some(value => value > 9) ? 0 : Number(`0.${values.join('')}`)
}

export function numberOfWords(text: string): string | null {
  const sentence = text.replaceAll('-', ' ').toLowerCase()
  if (/^\d+$/.test(sentence)) return String(BigInt(sentence))
  const found = sentence.split(/\s+/).filter(word => words.has(word) || word === 'point')
  const isTwice = [...powers, 'point'].some(word => found.indexOf(word) !== found.lastIndexOf(word))
  if (found.length === 0 || isTwice) return null
  const point = found.indexOf('point')
  const whole = wholeOf(point < 0 ? found : found.slice(0, point))
  if (whole === null) return null
  const digits = point < 0 ? [] : found.slice(point + 1)
  return String(whole + (digits.length === 0 ? 0 : fractionOf(digits)))
}
