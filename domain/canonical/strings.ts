/**
 * Canonical texts of strings and bytes, as Python's `ascii` writes them, by code point. Escapes are
 * decoded separately, because two surrogates in a JavaScript string would merge into one character.
 */

const named: Record<string, number> = { n: 10, r: 13, t: 9, '\\': 92, "'": 39, '"': 34 }
const widths: Record<string, number> = { x: 2, u: 4, U: 8 }

const hex = (code: number, width: number) => code.toString(16).padStart(width, '0')

/**
 * The code point of the escape at `at` (the backslash) and its end; null if it is not an escape.
 */
function readEscape(text: string, at: number, letters: string): [number, number] | null {
  const letter = text[at + 1] ?? ''
  const code = named[letter]
  if (code !== undefined) return [code, at + 2]
  const width = widths[letter]
  if (!width || !letters.includes(letter)) return null
  const digits = text.slice(at + 2, at + 2 + width)
  if (digits.length < width || !/^[0-9a-f]+$/.test(digits)) return null
  const value = Number.parseInt(digits, 16)
  return value > 0x10ffff ? null : [value, at + 2 + width]
}

/** The code points between the quotes, and the offset after them. */
function readQuoted(text: string, at: number, letters: string) {
  const quote = text.codePointAt(at)
  if (quote !== 39 && quote !== 34) return null
  const codes: number[] = []
  for (let i = at + 1; i < text.length; ) {
    const code = text.codePointAt(i) as number
    if (code === quote) return { codes, end: i + 1 }
    if (code === 92) {
      const found = readEscape(text, i, letters)
      if (!found) return null
      codes.push(found[0])
      i = found[1]
      continue
    }
    if (code < 32 || code === 127) return null
    codes.push(code)
    i += code > 0xffff ? 2 : 1
  }
  return null
}

function writeQuoted(codes: number[]): string {
  const quote = codes.includes(39) && !codes.includes(34) ? 34 : 39
  const parts = codes.map(code => {
    if (code === quote || code === 92) return `\\${String.fromCharCode(code)}`
    if (code >= 32 && code < 127) return String.fromCharCode(code)
    if (code === 10) return '\\n'
    if (code === 13) return '\\r'
    if (code === 9) return '\\t'
    if (code < 256) return `\\x${hex(code, 2)}`
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
  })
  const mark = String.fromCharCode(quote)
  return `${mark}${parts.join('')}${mark}`
}

/** The canonical text of the string literal at `at`. */
export function canonicalString(text: string, at: number) {
  const found = readQuoted(text, at, 'xuU')
  return found && { canonical: writeQuoted(found.codes), end: found.end }
}

/** The canonical text of the bytes literal at `at`. */
export function canonicalBytes(text: string, at: number) {
  const found = readQuoted(text, at + 1, 'x')
  if (!found || found.codes.some(code => code > 255)) return null
  return { canonical: `b${writeQuoted(found.codes)}`, end: found.end }
}
