import { describe, expect, test } from 'vitest'
import { changesOf } from '../../domain/change.ts'
import { type ItemScore, linesOf, type Sheet } from '../../domain/held-out.ts'
import { pairedInterval } from '../../domain/statistics.ts'

type Some = Partial<Omit<Sheet, 'scores'>>

/** `right` is the number of right answers for each item; null if none could be judged. */
function sheet(step: number, right: (number | null)[], some: Some = {}, answers = 1): Sheet {
  const scores = right.map((correct, item): ItemScore => {
    return { item, answers: correct === null ? 0 : answers, correct: correct ?? 0 }
  })
  return { step, suite: 'easy', kind: 'deduction', mode: 'greedy', scores, ...some }
}

/** 100 items: 30 right before; then 20 of the others rise and 8 of those fall. */
const before = Array.from({ length: 100 }, (_, item) => (item < 30 ? 1 : 0))
const after = Array.from({ length: 100 }, (_, item) => (item >= 8 && item < 50 ? 1 : 0))

describe('lines', () => {
  test('have the points of one suite, kind and mode, with their intervals', () => {
    const lines = linesOf([sheet(2, after), sheet(0, before), sheet(0, before, { suite: 'hard' })])
    expect(lines.map(({ suite, items }) => [suite, items])).toEqual([
      ['easy', 100],
      ['hard', 100],
    ])
    const [first, last] = lines[0]?.points ?? []
    // Wilson for 30 of 100 and 42 of 100.
    expect(first).toMatchObject({ step: 0, value: 0.3 })
    expect(first?.low).toBeCloseTo(0.2189, 4)
    expect(first?.high).toBeCloseTo(0.3958, 4)
    expect(last).toMatchObject({ step: 2, value: 0.42 })
  })

  test('never join different items, modes or kinds', () => {
    const some = [
      sheet(0, before),
      sheet(2, before.slice(0, 50)),
      sheet(4, after, { mode: 'sampled' }),
      sheet(4, after, { kind: 'induction' }),
      sheet(6, after),
    ]
    expect(linesOf(some).map(({ points }) => points.map(({ step }) => step))).toEqual([
      [0, 6],
      [2],
      [4],
      [4],
    ])
  })

  test('there are two for several answers per item: the mean, and whether one was right', () => {
    const lines = linesOf([sheet(0, [4, 0, 1, null], { mode: 'sampled' }, 4)])
    expect(lines.map(({ mode, items }) => [mode, items])).toEqual([
      ['sampled mean@4', 4],
      ['sampled pass@4', 4],
    ])
    // Items 1, 0 and 1/4: mean 5/12; deviation √(0.270833) = 0.520416, half 1.959964 · 0.300463.
    const [point] = lines[0]?.points ?? []
    expect(point?.value).toBeCloseTo(5 / 12, 10)
    expect(point?.low).toBe(0)
    expect(point?.high).toBe(1)
    expect(lines[1]?.points[0]?.value).toBeCloseTo(2 / 3, 10)
  })
})

describe('changes', () => {
  test('are paired over items', () => {
    const [change] = changesOf([sheet(0, before), sheet(3, after)])
    // Σd = 20 − 8, Σd² = 28: centre 12/102, half 1.959964 · √(29 − 144/102) / 102 = 0.100928.
    expect(change).toMatchObject({
      items: 100,
      before: 0.3,
      after: 0.42,
      firstStep: 0,
      lastStep: 3,
    })
    expect(change?.difference).toBeCloseTo(0.12, 10)
    expect(change?.interval.low).toBeCloseTo(0.016719, 5)
    expect(change?.interval.high).toBeCloseTo(0.218575, 5)
  })

  test('of a suite are means over its kinds', () => {
    const still = { kind: 'abduction' as const }
    const [change] = changesOf([
      sheet(0, before),
      sheet(0, before, still),
      sheet(3, after),
      sheet(3, before, still),
    ])
    // Halves 0.100928 and 1.959964/102 = 0.019215: √(Σ half²) / 2 = 0.051371 around 0.058824.
    expect(change).toMatchObject({ items: 200, before: 0.3, after: 0.36 })
    expect(change?.difference).toBeCloseTo(0.06, 10)
    expect(change?.interval.low).toBeCloseTo(0.007453, 5)
    expect(change?.interval.high).toBeCloseTo(0.110194, 5)
    expect(change?.kinds.map(({ kind }) => kind)).toEqual(['deduction', 'abduction'])
  })

  test('leave out items that only one side could judge', () => {
    const [change] = changesOf([sheet(0, [1, 0, null, 1]), sheet(1, [1, 1, 1, null])])
    expect(change).toMatchObject({ items: 2, before: 0.5, after: 1, difference: 0.5 })
  })

  test('go from the first to the last evaluation of the same items, the farthest apart', () => {
    const slice = before.slice(0, 10)
    const some = [sheet(0, before), sheet(2, slice), sheet(8, slice), sheet(10, after)]
    expect(changesOf(some)).toMatchObject([{ firstStep: 0, lastStep: 10, items: 100 }])
    expect(changesOf(some.slice(0, 3))).toMatchObject([{ firstStep: 2, lastStep: 8, items: 10 }])
    expect(changesOf(some.slice(0, 2))).toEqual([])
  })
})

test('keep some doubt if all items agree', () => {
  // 1.959964 / 42.
  const { low, high } = pairedInterval(Array.from({ length: 40 }, () => 0))
  expect(low).toBeCloseTo(-0.046666, 5)
  expect(high).toBeCloseTo(0.046666, 5)
})
