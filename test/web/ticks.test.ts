import { expect, test } from 'vitest'
import { countTick, shareTick, timeTick, valueTick } from '../../web/src/chart/ticks.ts'

const marks = (format: (value: number, increment: number) => string, increment: number) =>
  [1, 2, 3, 4].map(i => format(i * increment, increment))

test('ticks are as exact as their distance: 2.5, 5, 7.5 and 10 %, never 3, 5, 8 and 10', () => {
  expect(marks(shareTick, 0.025)).toEqual(['2.5%', '5.0%', '7.5%', '10.0%'])
  expect(marks(shareTick, 0.1)).toEqual(['10%', '20%', '30%', '40%'])
  expect(marks(shareTick, 0.002)).toEqual(['0.2%', '0.4%', '0.6%', '0.8%'])
})

test.each([0.025, 0.5, 1, 2.5, 250, 2500, 1e6, 2e-6])('no two ticks %d apart are equal', by => {
  for (const format of [valueTick, countTick]) {
    const texts = Array.from({ length: 12 }, (_, i) => format(i * by, by))
    expect(new Set(texts).size).toBe(texts.length)
  }
})

test('large counts are short, times have their usual unit', () => {
  expect(marks(countTick, 50_000)).toEqual(['50k', '100k', '150k', '200k'])
  expect(marks(countTick, 20)).toEqual(['20', '40', '60', '80'])
  expect(marks(timeTick, 15)).toEqual(['15 s', '30 s', '45 s', '60 s'])
  expect(marks(timeTick, 300)).toEqual(['5 min', '10 min', '15 min', '20 min'])
  expect(marks(timeTick, 7200)).toEqual(['2 h', '4 h', '6 h', '8 h'])
})
