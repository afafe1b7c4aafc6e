/** Display and canonical text of what a program returns (canonical.test.ts has the rules). */
import { describe, expect, test, vi } from 'vitest'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox, run, value } = holdSandbox()

describe('texts of values', () => {
  test('display text keeps the insertion order, canonical text does not', async () => {
    const one = await value('{"b": 1, "a": {"z": 1, "y": 2}}')
    const two = await value('{"a": {"y": 2, "z": 1}, "b": 1}')
    expect(one.output).toBe("{'b': 1, 'a': {'z': 1, 'y': 2}}")
    expect(two.output).toBe("{'a': {'y': 2, 'z': 1}, 'b': 1}")
    expect(one.canonical).toBe(two.canonical)
  })

  test.each([
    ['1', 'True'],
    ['1', '1.0'],
    ['1', '(1+0j)'],
    ['0', '-0.0'],
    ['0', 'False'],
    ['[1, [True]]', '[1.0, [1]]'],
    ['{1: "a"}', '{True: "a"}'],
    ['{1, 2, 3}', '{3, 2, 1}'],
    ['{1, 2}', 'frozenset([2, 1])'],
    ['set()', 'frozenset()'],
    ['{"a": {"b": 1, "c": 2}}', '{"a": {"c": 2, "b": 1}}'],
    ['float("nan")', '-float("nan")'],
    ['1e22', '10 ** 22'],
    ['2 ** 53 + 0.0', '2 ** 53'],
    ['"\\u00e9"', 'chr(233)'],
    ['__import__("collections").OrderedDict(a=1)', '{"a": 1}'],
    ['__import__("collections").Counter("aab")', '{"b": 1, "a": 2}'],
    ['type("L", (list,), {"__iter__": lambda s: iter([9])})([1])', '[1]'],
    ['type("S", (str,), {"__repr__": lambda s: "x"})("a")', '"a"'],
  ])('%s equals %s', async (one, two) => {
    const [first, second] = await Promise.all([value(one), value(two)])
    expect(first.outcome).toBe('returned')
    expect(first.canonical).toBe(second.canonical)
  })

  test.each([
    ['1', '"1"'],
    ['(1, 2)', '[1, 2]'],
    ['(1,)', '1'],
    ['()', '[]'],
    ['set()', '{}'],
    ['{1: 2}', '{(1, 2)}'],
    ['None', '"None"'],
    ['None', 'False'],
    ['"a"', 'b"a"'],
    ['float("inf")', '-float("inf")'],
    ['float("inf")', 'float("nan")'],
    ['float("inf")', '10 ** 400'],
    ['2 ** 53 + 1', '2.0 ** 53'],
    ['0.1 + 0.2', '0.3'],
    ['"\\u00e9"', '"e\\u0301"'],
    ['["a,b"]', '["a", "b"]'],
    ['["a\', \'b"]', '["a", "b"]'],
    ['[[1], 2]', '[1, [2]]'],
  ])('%s differs from %s', async (one, two) => {
    const [first, second] = await Promise.all([value(one), value(two)])
    expect([first.outcome, second.outcome]).toEqual(['returned', 'returned'])
    expect(first.canonical).not.toBe(second.canonical)
  })

  test.each([
    '[1.0, True, None, -0.0]',
    '[inf, -inf, nan]',
    '{1, 2, 3}',
    'set()',
    'frozenset({1})',
    '(1,)',
    '()',
    "{'b': b'\\x00', 'a': 'é\\n'}",
    "'\\ud800'",
    '"it\'s"',
    'complex(1.0, inf)',
    '(1+2j)',
    '1e+308',
  ])('display %s is a literal that is read back unchanged', async text => {
    const program = 'from math import inf, nan\ndef f(x):\n  return x'
    const found = await run(program, text)
    expect(found.output).toBe(text)
    expect(await sandbox().readLiteral(text)).toMatchObject({
      ok: true,
      canonical: found.canonical,
      display: text,
    })
  })
})
