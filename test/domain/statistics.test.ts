import { describe, expect, test } from 'vitest'
import { stream } from '../../domain/rng.ts'
import {
  accuracyInterval,
  bootstrapInterval,
  deviationOf,
  type Interval,
  normalInterval,
  passRate,
  sharesInterval,
  studentInterval,
  wilson,
} from '../../domain/statistics.ts'

describe("Wilson's interval", () => {
  // z² = 3.841459. Of 10: scale 1.384146, centre (0.5 + 0.192073) / 1.384146 = 0.5,
  // half = 1.959964 · √(0.025 + 0.00960365) / 1.384146 = 0.263404.
  test('of 5 in 10 is 0.2366 to 0.7634', () => {
    const { low, high } = wilson(5, 10)
    expect(low).toBeCloseTo(0.236596, 5)
    expect(high).toBeCloseTo(0.763404, 5)
  })

  // p = 0: centre = half = 0.192073 / 1.384146 = 0.138767, so 0 to 0.277533.
  test('of 0 in 10 starts at 0 and has a width', () => {
    expect(wilson(0, 10).low).toBe(0)
    expect(wilson(0, 10).high).toBeCloseTo(0.277533, 5)
  })

  test('of all is the mirror of none', () => {
    expect(wilson(10, 10).low).toBeCloseTo(1 - wilson(0, 10).high, 12)
    expect(wilson(10, 10).high).toBeCloseTo(1, 12)
  })

  test('of nothing is everything', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 })
  })
})

describe('means', () => {
  test('the deviation of 2, 4, 4, 4, 5, 5, 7, 9 is √(32 / 7)', () => {
    expect(deviationOf([2, 4, 4, 4, 5, 5, 7, 9])).toBeCloseTo(2.13809, 5)
    expect(deviationOf([3])).toBe(0)
  })

  // 1.959964 · 0.4 / √1000 = 0.024792.
  test('a normal interval narrows with the root of the items', () => {
    expect(normalInterval(0.5, 0.4, 1000).low).toBeCloseTo(0.475208, 5)
    expect(normalInterval(0.99, 0.4, 4).high).toBe(1)
  })

  test('one answer per item is a proportion, several are a mean over items', () => {
    const score = { items: 10, accuracy: 0.5, correct: 5, passed: 5, deviation: 0.1 }
    expect(accuracyInterval({ ...score, samples: 1 })).toEqual(wilson(5, 10))
    const many = accuracyInterval({ ...score, samples: 8, correct: 40 })
    expect(many).toEqual(normalInterval(0.5, 0.1, 10))
  })

  test('shares that are all equal, or all 0 or 1, are a proportion of the items', () => {
    expect(sharesInterval(0, 0, 30)).toEqual(wilson(0, 30))
    expect(sharesInterval(0, 0, 30).high).toBeCloseTo(0.1135, 3)
    const yesOrNo = [1, 0, 0, 1, 0]
    expect(sharesInterval(0.4, deviationOf(yesOrNo), 5)).toEqual(wilson(2, 5))
    const score = { items: 30, accuracy: 0, correct: 0, passed: 0, deviation: 0, samples: 8 }
    expect(accuracyInterval(score)).toEqual(wilson(0, 30))
  })

  test('pass@k is the share of items with a right answer', () => {
    expect(passRate({ items: 8, passed: 6 })).toBe(0.75)
    expect(passRate({ items: 0, passed: 0 })).toBe(0)
  })
})

describe('differences', () => {
  // Mean 3, deviation √2.5 = 1.581139, t(4) = 2.776: half = 2.776 · 1.581139 / √5 = 1.962928.
  test("of five seeds use Student's t, 2.776", () => {
    const found = studentInterval([1, 2, 3, 4, 5])
    expect(found?.low).toBeCloseTo(1.037072, 5)
    expect(found?.high).toBeCloseTo(4.962928, 5)
  })

  test('of one seed have no interval', () => {
    expect(studentInterval([4])).toBeNull()
    expect(bootstrapInterval([[4], [5]], stream(1, 'x'))).toBeNull()
  })

  test('by bootstrap depend only on the key, and are near the normal interval', () => {
    const values = Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    const found = bootstrapInterval([values], stream(1, 'bootstrap'))
    expect(found).toEqual(bootstrapInterval([values], stream(1, 'bootstrap')))
    const near = normalInterval(0.25, deviationOf(values), 400)
    const widthOf = ({ low, high }: Interval) => high - low
    expect(Math.abs(widthOf(found as Interval) / widthOf(near) - 1)).toBeLessThan(0.1)
    expect(Math.abs((found?.low ?? 0) - near.low)).toBeLessThan(0.01)
  })

  test("by bootstrap keep each kind's weight, however many items it has", () => {
    const found = bootstrapInterval(
      [
        [1, 1, 1, 1, 1, 1],
        [0, 0],
      ],
      stream(1, 'kinds'),
    )
    expect(found).toEqual({ low: 0.5, high: 0.5 })
  })
})
