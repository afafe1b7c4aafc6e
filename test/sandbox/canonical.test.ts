/**
 * Canonical text from display text: equal values get equal texts, and anything but a value's `repr`
 * is refused.
 */
import { describe, expect, test } from 'vitest'
import { canonicalOf, canonicalOfArguments } from '../../domain/canonical/index.ts'

const text = (display: string) => {
  const found = canonicalOf(display)
  return found.ok ? found.text : found.why
}

describe('canonicalOf', () => {
  test.each([
    ['1', '1'],
    ['-1', '-1'],
    ['True', '1'],
    ['None', 'None'],
    ['1.0', '1'],
    ['-0.0', '0'],
    ['1.5', '1.5'],
    ['0.0001', '0.0001'],
    ['1e-05', '1e-05'],
    ['1.2345e-07', '1.2345e-07'],
    ['5e-324', '5e-324'],
    ['1e+16', '10000000000000000'],
    ['1.152921504606847e+18', '1152921504606846976'],
    ['inf', 'inf'],
    ['-inf', '-inf'],
    ['nan', 'nan'],
    ['1j', 'c(0,1)'],
    ['(1+0j)', '1'],
    ['(-0-1.5j)', 'c(0,-1.5)'],
    ['complex(1.0, inf)', 'c(1,inf)'],
    ["'a'", "'a'"],
    ["'é'", "'\\xe9'"],
    ["'\\x7f'", "'\\x7f'"],
    ["'😀'", "'\\U0001f600'"],
    ["'\\ud83d\\ude00'", "'\\ud83d\\ude00'"],
    ['"it\'s"', '"it\'s"'],
    ["b'\\x00a'", "b'\\x00a'"],
    ['()', '()'],
    ['(1,)', '(1)'],
    ['(1, 2)', '(1,2)'],
    ['[]', '[]'],
    ['[1, [2]]', '[1,[2]]'],
    ['{}', '{}'],
    ["{'b': 1, 'a': 2}", "{'a':2,'b':1}"],
    ['set()', '<>'],
    ['{2, 1}', '<1,2>'],
    ['frozenset({2, 1})', '<1,2>'],
    ['frozenset()', '<>'],
    ['{nan, nan}', '<nan,nan>'],
  ])('%s is %s', (display, canonical) => {
    expect(text(display)).toBe(canonical)
  })

  test.each([
    '',
    ' 1',
    '1 ',
    '01',
    '-0',
    '+1',
    '1_0',
    '1.',
    '0x1',
    'infj',
    '-infj',
    'nanj',
    'true',
    'Nonee',
    '[1,2]',
    '[1, ]',
    '[1',
    '(1)',
    '(1, 2,)',
    '{1: 2, 1: 3}',
    '{True: 1, 1.0: 2}',
    '{1, 1}',
    '{1: 2, 3}',
    'frozenset([1])',
    'frozenset({1: 2})',
    "'a",
    "'a' 'b'",
    "'a\nb'",
    "'\\q'",
    "b'\\u0041'",
    "u'a'",
    'f()',
    '...',
    '1 if 1 else 2',
    '9'.repeat(4301),
    '['.repeat(500),
  ])('%j is not a value', display => {
    expect(text(display)).toBe('malformed')
  })

  test('has a limit, because 1e308 has 309 digits', () => {
    expect(text(`[${Array(10_000).fill('1e+308').join(', ')}]`)).toBe('tooLong')
  })
})

test('arguments: the order of names does not matter, that of values does', () => {
  const of = (display: string) => canonicalOfArguments(display)
  expect(of('1, b=2, a=3')).toEqual({ ok: true, text: '(1;a=3,b=2)' })
  expect(of('')).toEqual({ ok: true, text: '(;)' })
  expect(of('1,2').ok).toBe(false)
})
