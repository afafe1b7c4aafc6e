import { expect, test } from 'vitest'
import { changesOf } from '../../domain/change.ts'
import { linesOf, type Sheet } from '../../domain/held-out.ts'
import { suiteLinesOf } from '../../domain/suite-line.ts'
import { type Looked, verdictOf } from '../../domain/verdict.ts'

/** The first items of 100 per kind are right. */
const sheet = (step: number, kind: string, right: number): Sheet => ({
  step,
  suite: 'easy',
  kind,
  mode: 'greedy',
  scores: Array.from({ length: 100 }, (_, item) => {
    return { item, answers: 1, correct: item < right ? 1 : 0 }
  }),
})

/** Right answers by step, for deduction and abduction. */
function looked(scores: [step: number, deduction: number, abduction: number][]): Looked {
  const sheets = scores.flatMap(([step, one, two]) => [
    sheet(step, 'deduction', one),
    sheet(step, 'abduction', two),
  ])
  const changes = changesOf(sheets)
  return {
    changes,
    lines: suiteLinesOf(linesOf(sheets), changes),
    suites: ['easy'],
    alarms: [],
    hangs: [],
    failure: null,
    nextScored: 20,
  }
}
const stateOf = (...scores: Parameters<typeof looked>[0]) => verdictOf(looked(scores)).state

test('a change with an interval above 0 is rising, one around 0 is noise', () => {
  expect(stateOf([0, 20, 20], [10, 40, 40])).toBe('rising')
  expect(stateOf([0, 20, 20], [10, 21, 20])).toBe('noise')
  expect(
    verdictOf(
      looked([
        [0, 20, 20],
        [10, 40, 40],
      ]),
    ).why,
  ).toEqual(['easy greedy rose from 20.0% to 40.0%, +20.0 points [+14.0 to +25.2]'])
})

test('before the second score it says when that is due', () => {
  expect(verdictOf(looked([[0, 20, 20]]))).toEqual({
    state: 'early',
    title: 'Too early to tell',
    why: ['Held-out suites are compared for the first time after step 20'],
  })
})

test('before the first score it promises no comparison', () => {
  expect(verdictOf({ ...looked([]), nextScored: 0 }).why).toEqual([
    'Held-out suites are scored for the first time at step 0',
  ])
})

test('a run that lost its accuracy is in trouble, even if all else is well', () => {
  expect(stateOf([0, 40, 40], [10, 20, 20])).toBe('trouble')
})

test('a run that rose but lost a kind, or its best, is not simply rising', () => {
  const lost = verdictOf(
    looked([
      [0, 30, 30],
      [10, 80, 15],
    ]),
  )
  expect(lost.state).toBe('mixed')
  expect(lost.why[0]).toBe('abduction in easy greedy fell from 30% to 15%')
  const setback = verdictOf(
    looked([
      [0, 20, 20],
      [10, 70, 70],
      [20, 40, 40],
    ]),
  )
  expect(setback.state).toBe('mixed')
  expect(setback.why[0]).toBe('easy greedy fell to 40% from its best, 70% at step 10')
  // Back at its start: only the decline is worth reporting.
  expect(stateOf([0, 20, 20], [10, 70, 70], [20, 21, 20])).toBe('trouble')
})

test('an alarm of collapse, a hang and a failure are trouble, a warning is not', () => {
  const rising = looked([
    [0, 20, 20],
    [10, 40, 40],
  ])
  const alarm = { name: 'valid', step: 3, message: 'induction: 0% of the proposals are valid' }
  const of = (more: Partial<Looked>) => verdictOf({ ...rising, ...more }).state
  expect(of({ alarms: [{ ...alarm, level: 'collapse' }] })).toBe('trouble')
  expect(of({ alarms: [{ ...alarm, level: 'warning' }] })).toBe('rising')
  expect(of({ hangs: [{ what: 'engine', message: 'no answer' }] })).toBe('trouble')
  expect(of({ failure: 'no disk' })).toBe('trouble')
})

test('a suite is the mean of its kinds, whose intervals add in squares', () => {
  const [line] = looked([[0, 20, 60]]).lines
  const [point] = line?.points ?? []
  expect(line).toMatchObject({ suite: 'easy', kinds: ['deduction', 'abduction'], items: 200 })
  expect(point?.value).toBeCloseTo(0.4)
  // Wilson's halves of 20 and 60 of 100: 0.0776 and 0.0942.
  expect(((point?.high ?? 0) - (point?.low ?? 0)) / 2).toBeCloseTo(
    Math.hypot(0.0776, 0.0942) / 2,
    3,
  )
})
