import { expect, test } from 'vitest'
import { measureOf } from '../../domain/best.ts'
import { keptSteps } from '../../domain/checkpoint.ts'

const steps = [1, 2, 3, 4, 5, 6, 7]
const kept = (keeping: { keep: number; keepEvery: number }, best: number | null, of = steps) =>
  [...keptSteps(of, keeping, best)].sort((a, b) => a - b)

test('the newest, those at regular steps, and the best are kept', () => {
  expect(kept({ keep: 2, keepEvery: 0 }, null)).toEqual([6, 7])
  expect(kept({ keep: 1, keepEvery: 3 }, null)).toEqual([3, 6, 7])
  expect(kept({ keep: 2, keepEvery: 0 }, 4)).toEqual([4, 6, 7])
})

test('the only complete one is always kept', () => {
  expect(kept({ keep: 1, keepEvery: 0 }, null, [2])).toEqual([2])
  expect(kept({ keep: 3, keepEvery: 5 }, null, [2])).toEqual([2])
})

test('the config defines best: suites, one of them, or a curve', () => {
  const of = (best: string | undefined, between = ['dev']) =>
    measureOf({
      ...(best === undefined ? {} : { checkpoint: { best } }),
      evaluate: { suites: ['easy', 'hard'], between: { suites: between } },
    })
  expect(of('suites')).toEqual({ from: 'suites', suites: ['dev'], kind: null })
  expect(of(undefined, [])).toEqual({ from: 'suites', suites: ['easy', 'hard'], kind: null })
  expect(of('hard')).toEqual({ from: 'suites', suites: ['hard'], kind: null })
  expect(of('dev:abduction')).toEqual({ from: 'suites', suites: ['dev'], kind: 'abduction' })
  expect(of('accuracy.all')).toEqual({ from: 'curve', name: 'accuracy.all', isLower: false })
  expect(of('-loss')).toEqual({ from: 'curve', name: 'loss', isLower: true })
})
