import { expect, test } from 'vitest'
import { align, columnsEach, inWords, pointAt, smooth } from '../../web/src/chart/series.ts'

const toX = (step: number) => step
const plain = { toX, weight: 0, isLog: false }
const one = (points: [number, number][], more = {}) => ({
  name: 'a',
  color: 'all',
  points,
  ...more,
})

test('curves of other steps share one axis, with gaps where they have no point', () => {
  const { data, steps } = align(
    [
      one([
        [0, 1],
        [2, 3],
      ]),
      one([[1, 5]]),
    ],
    plain,
  )
  expect(steps).toEqual([0, 1, 2])
  expect(data[0]).toEqual([0, 1, 2])
  expect(data[1]).toEqual([1, null, 3])
  expect(data[1 + columnsEach]).toEqual([null, 5, null])
})

test('smoothing is a mean in which each value weighs less than the next one', () => {
  expect(
    smooth(
      [
        [0, 1],
        [1, 1],
        [2, 1],
      ],
      0.9,
    ),
  ).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ])
  // (0.5 · 0 + 1 · 3) / 1.5
  expect(
    smooth(
      [
        [0, 0],
        [1, 3],
      ],
      0.5,
    )[1],
  ).toEqual([1, 2])
})

test('a smoothed curve lies over the measured one', () => {
  const { data } = align(
    [
      one([
        [0, 0],
        [1, 3],
        [2, 3],
      ]),
    ],
    { ...plain, weight: 0.5 },
  )
  expect(data[1]?.[1]).toBe(2)
  expect(data[2]).toEqual([0, 3, 3])
})

test('a logarithmic axis leaves out 0', () => {
  const { data } = align(
    [
      one([
        [0, 0],
        [1, 3],
      ]),
    ],
    { ...plain, isLog: true },
  )
  expect(data[1]).toEqual([3])
})

test('another axis leaves out steps whose position is unknown', () => {
  const minutes = (step: number) => (step === 2 ? null : step * 60)
  const { data, steps } = align(
    [
      one([
        [0, 1],
        [1, 2],
        [2, 3],
      ]),
    ],
    { ...plain, toX: minutes },
  )
  expect([data[0], steps]).toEqual([
    [0, 60],
    [0, 1],
  ])
})

test('the value at a step is the last one before it', () => {
  expect(
    pointAt(
      [
        [0, 1],
        [20, 2],
      ],
      19,
    ),
  ).toEqual([0, 1])
  expect(pointAt([[5, 1]], 4)).toBeUndefined()
})

test('a curve in words', () => {
  expect(
    inWords(
      one([
        [0, 1],
        [2, 3],
      ]),
      String,
    ),
  ).toBe('a: from 1 at step 0 to 3 at step 2, lowest 1, highest 3')
})
