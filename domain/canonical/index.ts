/**
 * Turns display text into canonical text: equal strings mean values that Python calls equal, except
 * that NaN equals NaN. The order of dicts and sets is dropped, a set is a frozenset, and 1 is True
 * and 1.0.
 *
 * It also proves that a child's text is a value, because it accepts only text in the form that
 * `repr` writes. It does not parse literals that people write: azr_sandbox/literals.py does.
 */
import { canonicalComplex, canonicalReal } from './numbers.ts'
import { canonicalBytes, canonicalString } from './strings.ts'

const maxDepth = 160

class Malformed extends Error {}
class TooLong extends Error {}

export type Canonical = { ok: true; text: string } | { ok: false; why: 'malformed' | 'tooLong' }

const integer = /(?:0|-?[1-9][0-9]{0,4299})(?![0-9.ej])/y
const unsigned = '[0-9]+(?:\\.[0-9]+)?(?:e[+-][0-9]+)?'
const real = new RegExp(`-?(?:${unsigned}|inf)|nan`, 'y')
const imaginary = new RegExp(`(-?${unsigned})j`, 'y')
const complex = new RegExp(`\\((-?${unsigned})([+-]${unsigned})j\\)`, 'y')
const wideComplex = new RegExp(
  `complex\\((-?(?:${unsigned}|inf)|nan), (-?(?:${unsigned}|inf)|nan)\\)`,
  'y',
)
const plainString = /'[ -&(-[\]-~]*'/y
const name = /([\p{ID_Start}_]\p{ID_Continue}*)=/uy

class Reader {
  at = 0
  left: number
  readonly text: string

  constructor(text: string, maxLength: number) {
    this.text = text
    this.left = maxLength
  }

  match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found) this.at = pattern.lastIndex
    return found
  }

  has(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  need(text: string): void {
    if (!this.has(text)) throw new Malformed()
  }

  leaf(text: string): string {
    this.left -= text.length
    if (this.left < 0) throw new TooLong()
    return text
  }

  value(depth: number): string {
    if (depth > maxDepth) throw new Malformed()
    const found = this.match(integer)
    if (found) return this.leaf(found[0])
    switch (this.text[this.at]) {
      case "'":
      case '"':
        return this.string()
      case '[':
        this.at += 1
        return `[${this.items(']', depth).join(',')}]`
      case '(':
        return this.tuple(depth)
      case '{':
        return this.braces(depth)
      case 'b':
        return this.leaf(this.quoted(canonicalBytes))
      case 'T':
      case 'F':
      case 'N':
        return this.word()
      case 's':
        this.need('set()')
        return '<>'
      case 'f':
        return this.frozenset(depth)
      default:
        return this.number()
    }
  }

  word(): string {
    if (this.has('True')) return this.leaf('1')
    if (this.has('False')) return this.leaf('0')
    this.need('None')
    return this.leaf('None')
  }

  number(): string {
    const wide = this.match(wideComplex)
    if (wide) return this.leaf(canonicalComplex(wide[1] as string, wide[2] as string))
    const alone = this.match(imaginary)
    if (alone) return this.leaf(canonicalComplex('0', alone[1] as string))
    const found = this.match(real)
    if (!found || /^-?[0-9]+$/.test(found[0])) throw new Malformed()
    return this.leaf(canonicalReal(found[0]))
  }

  string(): string {
    const plain = this.match(plainString)
    return this.leaf(plain ? plain[0] : this.quoted(canonicalString))
  }

  quoted(read: (text: string, at: number) => { canonical: string; end: number } | null): string {
    const found = read(this.text, this.at)
    if (!found) throw new Malformed()
    this.at = found.end
    return found.canonical
  }

  /** The items up to the closing bracket. */
  items(close: string, depth: number): string[] {
    const found: string[] = []
    if (this.has(close)) return found
    for (;;) {
      this.left -= 1
      found.push(this.value(depth + 1))
      if (this.has(close)) return found
      this.need(', ')
    }
  }

  tuple(depth: number): string {
    const number = this.match(complex)
    if (number) return this.leaf(canonicalComplex(number[1] as string, number[2] as string))
    this.at += 1
    if (this.has(')')) return '()'
    const first = this.value(depth + 1)
    if (this.has(',)')) return `(${first})`
    this.need(', ')
    const others = this.items(')', depth)
    if (others.length === 0) throw new Malformed()
    return `(${first},${others.join(',')})`
  }

  braces(depth: number): string {
    this.at += 1
    if (this.has('}')) return '{}'
    const first = this.value(depth + 1)
    if (this.has(': ')) return this.dict(first, depth)
    if (this.has('}')) return `<${first}>`
    this.need(', ')
    const items = [first, ...this.items('}', depth)]
    return `<${distinct(items).sort().join(',')}>`
  }

  dict(first: string, depth: number): string {
    const keys = [first]
    const pairs = [`${first}:${this.value(depth + 1)}`]
    while (!this.has('}')) {
      this.need(', ')
      const key = this.value(depth + 1)
      this.need(': ')
      keys.push(key)
      pairs.push(`${key}:${this.value(depth + 1)}`)
      this.left -= 2
    }
    distinct(keys)
    return `{${pairs.sort().join(',')}}`
  }

  frozenset(depth: number): string {
    this.need('frozenset(')
    if (this.has(')')) return '<>'
    if (this.text[this.at] !== '{') throw new Malformed()
    const found = this.braces(depth)
    if (!found.startsWith('<')) throw new Malformed()
    this.need(')')
    return found
  }

  arguments(): string {
    const positional: string[] = []
    const named: string[] = []
    if (this.text === '') return '(;)'
    do {
      const found = this.match(name)
      if (found) named.push(`${found[1]}=${this.value(0)}`)
      else positional.push(this.value(0))
    } while (this.has(', '))
    return `(${positional.join(',')};${named.sort().join(',')})`
  }
}

/** Keys and members are distinct, except NaN, which may occur twice. */
function distinct(items: string[]): string[] {
  if (items.length > 1 && new Set(items).size < items.length) {
    const seen = new Set<string>()
    for (const item of items) {
      if (seen.has(item) && !item.includes('nan')) throw new Malformed()
      seen.add(item)
    }
  }
  return items
}

function read(text: string, maxLength: number, act: (reader: Reader) => string): Canonical {
  const reader = new Reader(text, maxLength)
  try {
    const canonical = act(reader)
    if (reader.at !== text.length) return { ok: false, why: 'malformed' }
    return { ok: true, text: canonical }
  } catch (error) {
    if (error instanceof TooLong) return { ok: false, why: 'tooLong' }
    if (error instanceof Malformed) return { ok: false, why: 'malformed' }
    throw error
  }
}

/** The canonical text of one value. */
export const canonicalOf = (display: string, maxLength = 1 << 20): Canonical =>
  read(display, maxLength, reader => reader.value(0))

/** The canonical text of an argument list: `1, 2, k=3` becomes `(1,2;k=3)`. */
export const canonicalOfArguments = (display: string, maxLength = 1 << 20): Canonical =>
  read(display, maxLength, reader => reader.arguments())
