/** LiveCodeBench's rule for what a program prints: line by line, texts or else decimals. Pure. */

/** Normalises a decimal number, so that equal numbers have equal texts; null for other tokens. */
function decimal(token: string): string | null {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(token)
  if (!match || !/\d/.test(token)) return null
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  const power = Number(exponent) - fraction.length + digits.length - kept.length
  return `${sign === '-' ? '-' : ''}${kept}e${power}`
}

const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map(line => line.trim())

function decimalsOf(line: string): string | null {
  const found = line.split(/\s+/).map(decimal)
  return found.includes(null) ? null : found.join(' ')
}

export function isSameOutput(found: string, expected: string): boolean {
  const [got, wanted] = [linesOf(found), linesOf(expected)]
  if (got.length !== wanted.length) return false
  return wanted.every((line, i) => {
    const other = got[i] as string
    if (line === other) return true
    const numbers = decimalsOf(line)
    return numbers !== null && numbers === decimalsOf(other)
  })
}
