import { describe, expect, test } from 'vitest'
import { rateAt } from '../../domain/learning-rate.ts'

describe('the learning rate', () => {
  test('is constant by default, as in the paper', () => {
    expect([1, 50, 900].map(step => rateAt(1e-4, 0, step))).toEqual([1e-4, 1e-4, 1e-4])
  })

  test('falls linearly to a tenth and stays there', () => {
    const rates = [1, 6, 11, 12, 100].map(step => rateAt(2, 11, step))
    ;[2, 1.1, 0.2, 0.2, 0.2].forEach((rate, i) => {
      expect(rates[i]).toBeCloseTo(rate)
    })
  })

  test('falls at once if it has one step to fall', () => {
    expect(rateAt(1, 1, 1)).toBeCloseTo(0.1)
  })
})
