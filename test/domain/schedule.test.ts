import { expect, test } from 'vitest'
import { measureOf } from '../../domain/best.ts'
import { suitesDue } from '../../domain/schedule.ts'
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

test('the suites in full are due at step 0 and at the end, the slice every so many steps too', () => {
  const due = Array.from({ length: 8 }, (_, step) => suitesDue(config, step))
  expect(due).toEqual([[dev, whole], [], [], [dev], [], [], [dev], [dev, whole]])
})

test('a run that got longer has its full suites at the new end', () => {
  expect(suitesDue({ ...config, steps: 9 }, 7)).toEqual([])
  expect(suitesDue({ ...config, steps: 9 }, 9)).toEqual([dev, whole])
})

test("a suite of the user's goes by the name of its file", () => {
  const evaluate = { ...config.evaluate, suites: ['test', '/my/dates.v2.ts'] }
  const [, full] = suitesDue({ ...config, evaluate }, 0)
  expect(full?.suites).toEqual(['test', 'dates.v2'])
  const measure = measureOf({ evaluate: { suites: ['/my/dates.ts'] } })
  expect(measure).toEqual({ from: 'suites', suites: ['dates'], kind: null })
})

test('the base need not be scored again where it is known', () => {
  const known = { ...config, evaluate: { ...config.evaluate, start: false } }
  expect(suitesDue(known, 0)).toEqual([dev])
  expect(suitesDue(known, 7)).toEqual([dev, whole])
})
