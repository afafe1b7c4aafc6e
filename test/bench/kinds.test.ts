import { expect, test } from 'vitest'
import { worstOf } from '../../bench/kinds/worst.ts'
import type { Curve } from '../../domain/health/health.ts'

const curve = (...values: number[]): Curve => values.map((value, i) => [i, value] as const)

test.each([
  [
    'the lowest mean of five steps in a row',
    curve(1, 1, 0, 0, 0, 0, 1, 1),
    { step: 1, value: 0.2 },
  ],
  ['one bad step is no stretch', curve(1, 1, 1, 0, 1, 1, 1), { step: 0, value: 0.8 }],
  ['a run of few steps', curve(0.5, 1), { step: 0, value: 0.75 }],
  ['a run of none', [], null],
])('%s', (_, points, found) => {
  expect(worstOf(points)).toEqual(found)
})
