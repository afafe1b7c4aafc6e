/**
 * Canonical text of generated values, read by the front; and of reports that were tampered with.
 */
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { canonicalOf } from '../../domain/canonical/index.ts'
import { holdSandbox } from './hold.ts'
import { anyValue, areEqual, literalOf, type Value } from './values.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 })

// Set AZR_EXAMPLES=5000 for a thorough run.
const numRuns = Number(process.env.AZR_EXAMPLES ?? 100)
const { sandbox, runAll } = holdSandbox()

async function read(value: Value): Promise<{ canonical: string; display: string }> {
  const found = await sandbox().readLiteral(literalOf(value))
  if (!found.ok) throw new Error(`${literalOf(value)}: ${found.error}`)
  return found
}

/** Similar values: the same value, with other orders and types, and with something changed. */
const twin = (value: Value): fc.Arbitrary<Value> => {
  const options: Value[] = [value]
  if (value.kind === 'int' && value.value >= 0n && value.value < 2n) {
    options.push({ kind: 'bool', value: value.value === 1n })
  }
  if (value.kind === 'int') options.push({ kind: 'float', value: Number(value.value) })
  if (value.kind === 'float' && Number.isInteger(value.value)) {
    options.push({ kind: 'int', value: BigInt(value.value) })
  }
  if ('items' in value) {
    options.push({ ...value, items: value.items.toReversed() })
    options.push({ kind: value.kind === 'list' ? 'tuple' : 'list', items: value.items })
    if (value.kind === 'set') options.push({ kind: 'frozenset', items: value.items })
  }
  if (value.kind === 'dict') options.push({ kind: 'dict', pairs: value.pairs.toReversed() })
  return fc.constantFrom(...options)
}

const pair = fc.oneof(
  fc.tuple(anyValue, anyValue),
  anyValue.chain(value => fc.tuple(fc.constant(value), twin(value))),
)

test('two values have one canonical text exactly when Python calls them equal', async () => {
  await fc.assert(
    fc.asyncProperty(pair, async ([one, two]) => {
      const [first, second] = await Promise.all([read(one), read(two)])
      expect(first.canonical === second.canonical).toBe(areEqual(one, two))
    }),
    { numRuns },
  )
})

test('the model of this test agrees with Python', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(pair, { minLength: 8, maxLength: 8 }), async pairs => {
      const program = 'def f(pairs):\n    return [a == b for a, b in pairs]'
      const list = pairs.map(two => `(${two.map(literalOf).join(', ')})`)
      const [found] = await runAll(program, [`[${list.join(', ')}]`])
      const expected = pairs.map(([one, two]) => (areEqual(one, two) ? 'True' : 'False'))
      expect(found?.output).toBe(`[${expected.join(', ')}]`)
    }),
    { numRuns: Math.ceil(numRuns / 8) },
  )
})

test('a display text is read back as itself, and a program returns it unchanged', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyValue, { minLength: 8, maxLength: 8 }), async values => {
      const texts = await Promise.all(values.map(read))
      const again = await Promise.all(texts.map(({ display }) => sandbox().readLiteral(display)))
      expect(again).toEqual(texts)
      const program = 'from math import inf, nan\ndef f(x):\n    return x'
      const found = await runAll(
        program,
        texts.map(({ display }) => display),
      )
      expect(found.map(({ output }) => output)).toEqual(texts.map(({ display }) => display))
      expect(found.map(({ canonical }) => canonical)).toEqual(texts.map(t => t.canonical))
    }),
    { numRuns: Math.ceil(numRuns / 8) },
  )
})

/** A text with a piece removed, doubled, replaced or moved, as a hostile child might report it. */
const tampered = anyValue.chain(value =>
  fc
    .tuple(
      fc.nat(),
      fc.nat(6),
      fc.constantFrom('', '0', '-', '.', 'e', 'j', "'", '"', '\\', ', ', ',', ': ', '[', ')', '}'),
      fc.constantFrom('cut', 'put', 'double'),
    )
    .map(([from, length, piece, how]) => ({ value, from, length, piece, how })),
)

test('every accepted display text is a literal of the same value', async () => {
  await fc.assert(
    fc.asyncProperty(tampered, async ({ value, from, length, piece, how }) => {
      const { display } = await read(value)
      const at = from % (display.length + 1)
      const end = how === 'put' ? at : Math.min(display.length, at + length)
      const middle = how === 'double' ? display.slice(at, end).repeat(2) : piece
      const text = display.slice(0, at) + middle + display.slice(end)
      const claimed = canonicalOf(text)
      // Reports are UTF-8, so they cannot contain half of a surrogate pair.
      if (!claimed.ok || !text.isWellFormed()) return
      const literal = await sandbox().readLiteral(text)
      expect({ text, found: literal }).toMatchObject({ found: { canonical: claimed.text } })
    }),
    { numRuns: 4 * numRuns },
  )
})

test('every text is either refused or has a canonical text, quickly', () => {
  const pieces = ['[', ']', '(', ')', '{', '}', ', ', ': ', "'", '"', '\\', 'b', '0', '1', '-', '.']
  pieces.push('e', 'j', 'nan', 'inf', 'True', 'None', 'set()', 'frozenset(', 'complex(', '\\x00')
  pieces.push('\\ud800', '\ud83d', '\ude00', '\0', '\n', ',)')
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map(list => list.join(''))
  fc.assert(
    fc.property(text, claim => {
      const found = canonicalOf(claim)
      expect(typeof found.ok).toBe('boolean')
    }),
    { numRuns: 20 * numRuns },
  )
})

test.each([
  ['brackets', '['.repeat(200_000)],
  ['pairs of brackets', '[]'.repeat(100_000)],
  ['a deep list', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['digits', '9'.repeat(200_000)],
  ['quotes', "'".repeat(200_000)],
  ['backslashes', `'${'\\'.repeat(199_999)}`],
  ['parentheses of numbers', '(1+'.repeat(60_000)],
  ['sets', 'frozenset({'.repeat(20_000)],
  ['the same member', `{${Array(50_000).fill('1').join(', ')}}`],
  ['another language', '{"outcome": "returned"}'.replaceAll(': ', ':')],
])('a report of %s is not a value, and is refused', (_, text) => {
  expect(canonicalOf(text)).toMatchObject({ ok: false })
})
