/** The pure rules of grading, against values worked by hand. */
import { describe, expect, test } from 'vitest'
import { passAtK } from '../../domain/statistics.ts'
import { isEqual } from '../../src/benchmarks/equal.ts'
import { areClose, isFloats, typeOf } from '../../src/benchmarks/evalplus/close.ts'
import { rawFields } from '../../src/benchmarks/evalplus/raw.ts'
import { firstMiss, viewOf } from '../../src/benchmarks/evalplus/rules.ts'
import { boxed } from '../../src/benchmarks/extract.ts'
import { isSameOutput } from '../../src/benchmarks/livecodebench/output.ts'
import { stringInPickle } from '../../src/benchmarks/livecodebench/pickle.ts'
import { isBalanced, mathAnswer } from '../../src/benchmarks/math/answer.ts'
import { isSameText } from '../../src/benchmarks/math/forms.ts'
import { measure } from '../../src/benchmarks/math/measure.ts'
import { paperAnswer } from '../../src/benchmarks/math/paper.ts'
import { stripAnswer } from '../../src/benchmarks/math/strip.ts'

test('fields of a line keep their source text', () => {
  const line = String.raw`{"id": "a\"b", "xs": [[1.0, 10000000000000000000001, "}]"], {"k": -Infinity}], "n": 3}`
  const fields = rawFields(line)
  expect([...fields.keys()]).toEqual(['id', 'xs', 'n'])
  expect(fields.get('xs')).toBe('[[1.0, 10000000000000000000001, "}]"], {"k": -Infinity}]')
  expect(rawFields('{}').size).toBe(0)
})

test('a box ends at its closing brace', () => {
  expect(boxed('\\boxed{1} and \\boxed{\\frac{1}{2}} so')).toBe('\\frac{1}{2}')
  expect(boxed('\\boxed{\\{1, 2\\}}')).toBe('\\{1, 2\\}')
  expect(boxed('\\boxed{1')).toBeNull()
})

describe('equal values', () => {
  test.each([
    ['1', '1.0', true],
    ['True', '1', true],
    ['[1, 2]', '(1, 2)', false],
    ["{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", true],
    ["'banana'", "'banana'", true],
    ['nan', 'nan', false],
    ["['nan', 1.0]", "['nan', 1]", true],
  ])('%s and %s: %s', (a, b, is) => expect(isEqual(a, b)).toBe(is))

  test.each([
    ['0.30000000000000004', '0.3', 1e-6, true],
    ['[1.0, 2.0]', '[1.0, 2.000001]', 1e-6, true],
    ['[1.0, 2.0]', '[1.0, 2.1]', 1e-6, false],
    ['(inf, 1)', '(inf, 1.0000001)', 1e-6, true],
    ['nan', 'nan', 1, false],
    ['[1, [2]]', '[1, [2]]', 1, false],
    ["'1'", '1', 1, false],
  ])('%s near %s within %d: %s', (a, b, atol, is) => expect(areClose(a, b, atol)).toBe(is))

  test.each([
    ['1.5', true],
    ['[1.5, 2e+100]', true],
    ['[]', false],
    ['[1.5, 2]', false],
    ['(1.5,)', true],
  ])('%s is made of floats: %s', (text, is) => expect(isFloats(text)).toBe(is))

  test.each([
    ['1', 'int'],
    ['-1.5', 'float'],
    ['(1+2j)', 'complex'],
    ['2j', 'complex'],
    ['(1, 2j)', 'tuple'],
    ['{1, 2}', 'set'],
    ["{'a': 1}", 'dict'],
    ['None', 'NoneType'],
  ])('%s is %s', (text, name) => expect(typeOf(text)).toBe(name))
})

describe("EvalPlus's rules", () => {
  const miss = (
    benchmark: 'humanevalplus' | 'mbppplus',
    entry: string,
    [found, expected, inputs, atol]: [string[], string[], unknown[][], number],
  ) => firstMiss({ benchmark, entry, isEqual }, found, expected, inputs, atol)

  test('an expected float allows a tolerance from then on', () => {
    expect(miss('mbppplus', 'f', [['0.1', '1.0000001'], ['0.1', '1'], [], 0])).toBe(1)
    expect(miss('mbppplus', 'f', [['0.1', '(1.0000001, 2)'], ['0.1', '(1, 2)'], [], 0])).toBe(-1)
    expect(miss('mbppplus', 'f', [['(1.0000001, 2)'], ['(1, 2)'], [], 0])).toBe(0)
    expect(miss('mbppplus', 'f', [['0.30000000000000004'], ['0.3'], [], 0])).toBe(-1)
  })
  test('a root is checked by its polynomial', () => {
    const inputs = [[[-6, 11, -6, 1]]]
    expect(miss('humanevalplus', 'find_zero', [['2.0'], ['1.0'], inputs, 1e-4])).toBe(-1)
    expect(miss('humanevalplus', 'find_zero', [['2.5'], ['1.0'], inputs, 1e-4])).toBe(0)
  })
  test('other tasks with their own oracle', () => {
    expect(miss('mbppplus', 'surface_Area', [['33'], ['9'], [[3, 4]], 0])).toBe(0)
    expect(miss('mbppplus', 'surface_Area', [['35'], ['9'], [[3, 4]], 0])).toBe(-1)
    expect(miss('mbppplus', 'digit_distance_nums', [['7'], ['9'], [[23, 156]], 0])).toBe(-1)
    expect(miss('mbppplus', 'sum_div', [['0'], ['7'], [[8]], 0])).toBe(-1)
    expect(miss('mbppplus', 'are_equivalent', [['True'], ['False'], [[1, 2]], 0])).toBe(-1)
  })
  test('a missing value does not match', () => {
    expect(miss('mbppplus', 'f', [['1'], ['1', '2'], [], 0])).toBe(1)
  })
  test('the part of a value that counts', () => {
    expect(viewOf('mbppplus', 'Diff')).toBe('set')
    expect(viewOf('mbppplus', 'check_str')).toBe('is there')
    expect(viewOf('humanevalplus', 'Diff')).toBe('')
  })
})

describe('printed output', () => {
  test.each([
    ['1 2 3\n', '1 2 3', true],
    ['1.0 2\n', '1.00 2', true],
    ['1e2', '100', true],
    ['0.30000000000000004', '0.3', false],
    ['1 2', '1\n2', false],
    [' a \n b', 'a\nb', true],
    ['', '', true],
    ['', '1', false],
  ])('%j and %j: %s', (found, expected, is) => expect(isSameOutput(found, expected)).toBe(is))
})

describe('a pickle', () => {
  const of = (hex: string) => Buffer.from(hex, 'hex')
  test('of one string is read in protocols with and without frames', () => {
    // pickle.dumps('[{}]é', 4) and the same under protocol 2
    expect(stringInPickle(of('8004950a000000000000008c065b7b7d5dc3a9942e'))).toBe('[{}]é')
    expect(stringInPickle(of('800258060000005b7b7d5dc3a971002e'))).toBe('[{}]é')
  })
  test('of anything else is refused', () => {
    // a call of os.system
    const call = of('80049517000000000000008c05706f736978948c0673797374656d9493942e')
    expect(() => stringInPickle(call)).toThrow('anything but one string')
    expect(() => stringInPickle(of('80042e'))).toThrow('anything but one string')
  })
})

describe('mathematical answers', () => {
  test.each([
    ['so <answer> \\boxed{\\text{Evelyn}} </answer>', '\\text{Evelyn}', '\\boxed{'],
    ['<answer> 5 \\text{ cm} </answer>', '5 \\text{ cm}', '5'],
    ['thus \\boxed{12}.', '12', '\\boxed{12}'],
    ['The answer is $\\frac{1}{2}$.', '\\frac{1}{2}', ''],
    ['\\[ x^2 \\]', 'x^2', 'x^2'],
    ['I do not know\nwhat it is', null, ''],
    ['so $\\boxed 7$ it is', '7', '\\boxed7'],
    ['so $\\boxed {y+1}$ it is', 'y+1', '\\boxed{y+1}'],
    ['boxed, I think:\n\\[ x \\]', 'x', ''],
    ['\\[ x\n+1 \\]', 'x\n+1', ''],
  ])('%j: ours %j, the paper\u2019s %j', (text, ours, paper) => {
    expect(mathAnswer(text)).toBe(ours)
    expect(paperAnswer(text, false)).toBe(paper)
  })
  test('units are removed, except for Minerva', () => {
    expect(stripAnswer('3.0 \\mathrm{~m}')).toBe('3\\mathrm{~}')
    expect(stripAnswer('3.0 \\mathrm{~m}', true)).toBe('3\\mathrm{~m}')
    expect(stripAnswer('x=\\dfrac12')).toBe('\\frac{1}{2}')
  })
  // Each expected value comes from the paper's own code, evaluation/math_eval/eval/parser.py at
  // a82124e.
  test.each([
    ['two hundred forty-five', '245'],
    ['one of them', '1'],
    ['two point five', '2.5'],
    ['025', '25'],
    ['12 feet', '12'],
    ['f(x)=a x+b', 'f(x)=+b'],
    ['\\frac{b }{2}', '\\frac{{2}'],
    ['-3/4', '\\frac{-3}{4}'],
    ['03/4', '03/4'],
    ['\\frac1b', '\\frac{1}{b}'],
    ['x\\infty', 'fty'],
  ])('%j is cleaned to %j', (text, clean) => {
    expect(stripAnswer(text)).toBe(clean)
  })
  test.each([
    ['204 minutes', '204', 'min'],
    ['\\frac{1}{2} square inches', '\\frac{1}{2}', 'in^2'],
    ['5 cm.', '5', 'cm'],
    ['3 \\mathrm{ kg} \\cdot \\mathrm{m}^2/\\mathrm{s}^2', '3', 'kg m^2/s^2'],
    ['5 pi', '5 pi', ''],
    ['3 or more', '3 or more', ''],
    ['x days', 'x days', ''],
    ['2 x', '2 x', ''],
    ['(1, 2^{\\circ})', '(1, 2^{\\circ})', ''],
  ])('%j is %j in %j', (text, value, unit) => {
    expect(measure(text)).toEqual({ value, unit })
  })
  test('braces match, ignoring escaped ones', () => {
    expect(['{1}', '\\{1', '\\frac{1}{2}', ''].map(isBalanced)).toEqual(Array(4).fill(true))
    expect(['{1', '1}', '1} \\boxed{2'].map(isBalanced)).toEqual(Array(3).fill(false))
  })
  test('the same words are the same answer', () => {
    expect(isSameText('\\text{Evelyn}', 'evelyn')).toBe(true)
    expect(isSameText('', '')).toBe(false)
    expect(isSameText('(1, 2)', '(2, 1)')).toBe(false)
  })
})

test('pass@k is unbiased', () => {
  // 1 - C(3, 2) / C(5, 2) = 1 - 3 / 10
  expect(passAtK(5, 2, 2)).toBeCloseTo(0.7)
  expect(passAtK(5, 0, 5)).toBe(0)
  expect(passAtK(5, 1, 5)).toBe(1)
})
