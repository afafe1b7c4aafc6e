import { expect, test } from 'vitest'
import { measureOf } from '../../domain/best.ts'
import { baseSuitesDue, suitesDue } from '../../domain/schedule.ts'
import { configSchema } from '../../src/config/config.ts'

const config = configSchema.parse({
  steps: 7,
  evaluate: {
    suites: ['test'],
    modes: ['greedy', 'sampled'],
    every: 3,
    between: { suites: ['dev'], items: 100 },
  },
})
const dev = { suites: ['dev'], items: 100, modes: ['greedy'] }
const whole = { suites: ['test'], items: null, modes: ['greedy', 'sampled'] }

const none = new Set<string>()

test('the slice is due at both ends and at regular steps, all suites at the end', () => {
  const due = Array.from({ length: 8 }, (_, step) => suitesDue(config, step))
  expect(due).toEqual([[dev], [], [], [dev], [], [], [dev], [dev, whole]])
})

test('at the end the base answers what it has not answered before', () => {
  const due = Array.from({ length: 8 }, (_, step) => baseSuitesDue(config, step, none))
  expect(due).toEqual([[], [], [], [], [], [], [], [whole]])
  expect(baseSuitesDue({ ...config, steps: 9 }, 9, new Set(['test']))).toEqual([])
})

test('a suite that is also in the slice is scored in full at step 0', () => {
  const evaluate = { ...config.evaluate, suites: ['test', 'dev'] }
  expect(suitesDue({ ...config, evaluate }, 0)).toEqual([dev, { ...whole, suites: ['dev'] }])
})

test('without steps only the base is scored, at once', () => {
  expect(suitesDue({ ...config, steps: 0 }, 0)).toEqual([dev, whole])
  expect(baseSuitesDue({ ...config, steps: 0 }, 0, none)).toEqual([])
})

test('a run that got longer has its full suites at the new end', () => {
  expect(suitesDue({ ...config, steps: 9 }, 7)).toEqual([])
  expect(suitesDue({ ...config, steps: 9 }, 9)).toEqual([dev, whole])
})

test("a user's suite has the name of its file", () => {
  const evaluate = { ...config.evaluate, suites: ['test', '/my/dates.v2.ts'] }
  const [, full] = suitesDue({ ...config, evaluate }, 7)
  expect(full?.suites).toEqual(['test', 'dates.v2'])
  const measure = measureOf({ evaluate: { suites: ['/my/dates.ts'] } })
  expect(measure).toEqual({ from: 'suites', suites: ['dates'], kind: null })
})

test('the base need not be scored again if its score is known', () => {
  const known = { ...config, evaluate: { ...config.evaluate, start: false } }
  expect(suitesDue(known, 0)).toEqual([dev])
  expect(suitesDue(known, 7)).toEqual([dev, whole])
  expect(baseSuitesDue(known, 7, none)).toEqual([])
})
