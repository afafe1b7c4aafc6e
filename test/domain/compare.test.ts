/** Comparison of two evaluations, against numbers worked out by hand. */
import { expect, test } from 'vitest'
import { compareItems, type Judged, mcnemar } from '../../domain/compare.ts'

const rows = (verdicts: string): Judged[] =>
  [...verdicts].map((letter, item) => ({
    suite: 's',
    kind: 'deduction',
    mode: 'greedy',
    item,
    verdict: { c: 'correct', w: 'wrong', u: 'ungraded' }[letter] as string,
  }))

test('McNemar is exact', () => {
  // 2 × (C(10, 0) + C(10, 1)) / 2¹⁰
  expect(mcnemar(9, 1)).toBeCloseTo(22 / 1024)
  expect(mcnemar(3, 3)).toBe(1)
  expect(mcnemar(0, 0)).toBe(1)
})

test('items are paired, and those that either could not judge are left out', () => {
  const [found, ...others] = compareItems(rows('cwwwcu'), rows('ccwcwc'))
  expect(others).toEqual([])
  expect(found).toMatchObject({
    items: 5,
    before: 0.4,
    after: 0.6,
    gained: [1, 3],
    lost: [4],
    p: 1,
  })
  expect(found?.difference).toBeCloseTo(0.2)
  expect(found?.interval?.low).toBeLessThan(0)
  expect(found?.interval?.high).toBeGreaterThan(0.2)
})

test('several answers per item have no McNemar test, and count by their share', () => {
  const twice = (one: string, two: string) => [...rows(one), ...rows(two)]
  const [found] = compareItems(twice('cw', 'ww'), twice('cw', 'cw'))
  expect(found).toMatchObject({ items: 2, before: 0.25, after: 0.5, p: null, gained: [0] })
})

test('evaluations without common items have no comparison', () => {
  const other = rows('c').map(row => ({ ...row, suite: 't' }))
  expect(compareItems(rows('c'), other)).toEqual([])
})
