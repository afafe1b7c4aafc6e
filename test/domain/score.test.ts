import { expect, test } from 'vitest'
import { countsOf, figuresOf, passesOf } from '../../domain/score.ts'

const item = (verdicts: string, scratched = 0) => {
  const words = { c: 'correct', w: 'wrong', m: 'malformed', u: 'ungraded' } as const
  return { verdicts: [...verdicts].map(letter => words[letter as 'c']), scratched, cut: scratched }
}

// Shares 1/2, 0 and 1: mean 1/2, deviation √((0 + 1/4 + 1/4) / 2) = 1/2; two of three have one
// right.
test('mean@k, pass@k and the share with scratch of three items', () => {
  expect(figuresOf([item('cwcm', 3), item('wwmm'), item('cccc', 1)])).toEqual({
    items: 3,
    correct: 6,
    accuracy: 0.5,
    passed: 2,
    scratched: 4,
    cut: 4,
    deviation: 0.5,
  })
})

test('answers without verdict are left out, and items without a judged answer', () => {
  const found = figuresOf([item('cu'), item('uu', 2), item('ww')])
  expect(found).toMatchObject({ items: 2, correct: 1, accuracy: 0.5, passed: 1, scratched: 0 })
})

test('without answers nothing is right', () => {
  expect(figuresOf([])).toMatchObject({ items: 0, accuracy: 0, deviation: 0 })
})

test('pass@k is computed for the usual k up to the answers that every item has', () => {
  const counts = countsOf([
    ['correct', 'wrong', 'wrong', 'wrong', 'wrong', 'wrong'],
    ['correct', 'correct', 'correct', 'wrong', 'wrong', 'wrong', 'ungraded'],
    ['ungraded'],
  ])
  expect(counts).toEqual([
    { count: 6, right: 1 },
    { count: 6, right: 3 },
  ])
  const found = passesOf(counts)
  expect(Object.keys(found)).toEqual(['pass@1', 'pass@2', 'pass@4', 'pass@5', 'pass@6'])
  // 1 − C(5,2)/C(6,2) = 1/3, 1 − C(3,2)/C(6,2) = 4/5
  expect(found['pass@2']).toBeCloseTo((1 / 3 + 4 / 5) / 2, 12)
  expect(passesOf(countsOf([['correct'], ['wrong']]))).toEqual({})
})
