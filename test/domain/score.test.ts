import { expect, test } from 'vitest'
import { figuresOf } from '../../src/domain/score.ts'

const item = (verdicts: string, scratched = 0) => {
  const words = { c: 'correct', w: 'wrong', m: 'malformed', u: 'ungraded' } as const
  return { verdicts: [...verdicts].map(letter => words[letter as 'c']), scratched }
}

// Shares 1/2, 0 and 1: mean 1/2, deviation √((0 + 1/4 + 1/4) / 2) = 1/2; two of three have one right.
test('mean@k, pass@k and the share with scratch of three items', () => {
  expect(figuresOf([item('cwcm', 3), item('wwmm'), item('cccc', 1)])).toEqual({
    items: 3,
    correct: 6,
    accuracy: 0.5,
    passed: 2,
    scratched: 4,
    deviation: 0.5,
  })
})

test('what could not be judged is left out: an answer of its item, an item of the suite', () => {
  const found = figuresOf([item('cu'), item('uu', 2), item('ww')])
  expect(found).toMatchObject({ items: 2, correct: 1, accuracy: 0.5, passed: 1, scratched: 0 })
})

test('nothing scored is nothing right', () => {
  expect(figuresOf([])).toMatchObject({ items: 0, accuracy: 0, deviation: 0 })
})
