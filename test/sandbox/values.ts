/**
 * Values of the sandbox's domain for fast-check: a model of Python's equality, and texts of values.
 */
import fc from 'fast-check'

export type Value =
  | { kind: 'none' }
  | { kind: 'bool'; value: boolean }
  | { kind: 'int'; value: bigint }
  | { kind: 'float'; value: number }
  | { kind: 'str'; codes: number[] }
  | { kind: 'bytes'; bytes: number[] }
  | { kind: 'list' | 'tuple' | 'set' | 'frozenset'; items: Value[] }
  | { kind: 'dict'; pairs: [Value, Value][] }

const edges = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 10n ** 22n, 10n ** 23n, -(2n ** 64n)]
const reals = [0, -0, 0.1, 0.5, 1, 2 ** 53, 1e16, 1e22, 1e23, 5e-324, 1e-5, Infinity, -Infinity]
const special = [...`'"\\\n\r\t,:[]{}()<> ab`].map(c => c.charCodeAt(0))
const codes = [0, 0x7f, 0x85, 0xa0, 0xad, 0xe9, 0x2028, 0xd800, 0xdc00, 0xd83d, 0xde00, 0x1f600]

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant({ kind: 'none' } as const),
  fc.boolean().map(value => ({ kind: 'bool', value }) as const),
  fc
    .oneof(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), fc.constantFrom(...edges))
    .map(value => ({ kind: 'int', value }) as const),
  fc
    .oneof(fc.double(), fc.constantFrom(...reals))
    .map(value => ({ kind: 'float', value: Number.isNaN(value) ? 0.25 : value }) as const),
  fc
    .array(
      fc.oneof(fc.constantFrom(...special, ...codes), fc.integer({ min: 32, max: 0x10ffff })),
      {
        maxLength: 6,
      },
    )
    .map(list => ({ kind: 'str', codes: list }) as const),
  fc
    .array(fc.integer({ min: 0, max: 255 }), { maxLength: 5 })
    .map(bytes => ({ kind: 'bytes', bytes }) as const),
)

export const { value: anyValue } = fc.letrec<{ value: Value; key: Value }>(tie => {
  const list = (of: fc.Arbitrary<Value>) => fc.array(of, { maxLength: 4 })
  const keys = list(tie('key')).map(distinct)
  return {
    key: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      leaf,
      list(tie('key')).map(items => ({ kind: 'tuple', items }) as const),
      keys.map(items => ({ kind: 'frozenset', items }) as const),
    ),
    value: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf,
      list(tie('value')).map(items => ({ kind: 'list', items }) as const),
      list(tie('value')).map(items => ({ kind: 'tuple', items }) as const),
      keys.map(items => ({ kind: 'set', items }) as const),
      fc.tuple(keys, list(tie('value'))).map(([names, items]) => {
        const pairs = names.flatMap((key, i) => {
          const item = items[i]
          return item ? [[key, item] as [Value, Value]] : []
        })
        return { kind: 'dict', pairs } as const
      }),
    ),
  }
})

function distinct(items: Value[]): Value[] {
  return items.filter((item, i) => !items.slice(0, i).some(earlier => areEqual(earlier, item)))
}

/** A number exactly: an integer, or a float that is not whole. */
function numberOf(value: Value): bigint | number | null {
  if (value.kind === 'bool') return value.value ? 1n : 0n
  if (value.kind === 'int') return value.value
  if (value.kind !== 'float') return null
  return Number.isInteger(value.value) ? BigInt(value.value) : value.value
}

/** Python's `==`. */
export function areEqual(one: Value, two: Value): boolean {
  const [a, b] = [numberOf(one), numberOf(two)]
  if (a !== null || b !== null) return a === b
  if (one.kind === 'str') return two.kind === 'str' && `${one.codes}` === `${two.codes}`
  if (one.kind === 'bytes') return two.kind === 'bytes' && `${one.bytes}` === `${two.bytes}`
  if (one.kind === 'none') return two.kind === 'none'
  if (one.kind === 'dict') {
    if (two.kind !== 'dict' || one.pairs.length !== two.pairs.length) return false
    return one.pairs.every(([key, item]) =>
      two.pairs.some(([other, its]) => areEqual(key, other) && areEqual(item, its)),
    )
  }
  if (one.kind === 'set' || one.kind === 'frozenset') {
    if (two.kind !== 'set' && two.kind !== 'frozenset') return false
    if (one.items.length !== two.items.length) return false
    return one.items.every(item => two.items.some(other => areEqual(item, other)))
  }
  if (one.kind !== two.kind || !('items' in one) || !('items' in two)) return false
  const others = two.items
  return (
    one.items.length === others.length &&
    one.items.every((item, i) => areEqual(item, others[i] as Value))
  )
}

function floatText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = '', exponent = ''] = value.toExponential().split('e')
    return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

const hex = (code: number, width: number) => code.toString(16).padStart(width, '0')

/** The text as a person might write it: everything except plain ASCII is escaped. */
function stringText(list: number[]): string {
  const parts = list.map(code => {
    if (code === 39 || code === 92) return `\\${String.fromCharCode(code)}`
    if (code >= 32 && code < 127) return String.fromCharCode(code)
    return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
  })
  return `'${parts.join('')}'`
}

/** A literal of the value. It may be spelled differently from the display text. */
export function literalOf(value: Value): string {
  switch (value.kind) {
    case 'none':
      return 'None'
    case 'bool':
      return value.value ? 'True' : 'False'
    case 'int':
      return String(value.value)
    case 'float':
      return floatText(value.value)
    case 'str':
      return stringText(value.codes)
    case 'bytes':
      return `b'${value.bytes.map(byte => `\\x${hex(byte, 2)}`).join('')}'`
    case 'list':
      return `[${value.items.map(literalOf).join(', ')}]`
    case 'tuple':
      return `(${value.items.map(item => `${literalOf(item)},`).join(' ')})`
    case 'set':
      return value.items.length === 0 ? 'set()' : `{${value.items.map(literalOf).join(', ')}}`
    case 'frozenset':
      return `frozenset([${value.items.map(literalOf).join(', ')}])`
    case 'dict': {
      const pairs = value.pairs.map(([key, item]) => `${literalOf(key)}: ${literalOf(item)}`)
      return `{${pairs.join(', ')}}`
    }
  }
}
