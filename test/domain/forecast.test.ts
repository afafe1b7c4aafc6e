import { expect, test } from 'vitest'
import { heldOutLeft, nextScoredStep } from '../../domain/forecast.ts'

const items = ['easy', 'easy-dev'].flatMap(suite =>
  Array.from({ length: 100 }, () => ({ suite, kind: 'deduction' })),
)
const evaluate = {
  suites: ['easy'],
  items: null,
  modes: ['greedy' as const, 'sampled' as const],
  samples: 8,
  every: 5,
  start: true,
  between: { suites: ['easy-dev'], items: 10, modes: ['greedy' as const] },
}
const config = { steps: 12, evaluate }

test('the remaining held-out answers include the curve, and both policies at the end', () => {
  // 100 items with 1 + 8 answers each, by the base and by the policy; the curve at step 12.
  const end = 2 * 900 + 10
  expect(heldOutLeft(config, items, 10)).toBe(end)
  expect(heldOutLeft(config, items, 0)).toBe(end + 2 * 10)
  expect(heldOutLeft(config, items, 12)).toBe(0)
  const unscored = { ...config, evaluate: { ...evaluate, start: false } }
  expect(heldOutLeft(unscored, items, 10)).toBe(900 + 10)
})

test('the next step that is scored', () => {
  expect([0, 4, 5, 10, 12].map(step => nextScoredStep(config, step))).toEqual([5, 5, 10, 12, null])
})
