import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHalf, roundToHalf, toHalf } from '../../domain/half.ts'
import { packIds, packLogprobs, unpackIds, unpackLogprobs } from '../../state/packing.ts'

const bytes = ({ buffer }: Int32Array | Float32Array) => new Uint8Array(buffer)
const ints = (blob: Uint8Array) => [...new Int32Array(new Uint8Array(blob).buffer)]
const floats = (blob: Uint8Array) => [...new Float32Array(new Uint8Array(blob).buffer)]

test('ids are read back unchanged, with 2 or 3 bytes each', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 24 - 1 })), ids => {
      const blob = packIds(bytes(Int32Array.from(ids)))
      expect(blob.length % 2).toBe(1)
      expect(ints(unpackIds(blob))).toEqual(ids)
    }),
  )
  expect(packIds(bytes(Int32Array.of(1, 65535))).length).toBe(5)
  expect(packIds(bytes(Int32Array.of(1, 65536))).length).toBe(7)
  expect(packIds(bytes(Int32Array.of(65536))).length).toBe(5)
})

test('log-probabilities are read back exactly after rounding, which is off by a 2048th at most', () => {
  fc.assert(
    fc.property(fc.array(fc.float({ min: -1000, max: 0, noNaN: true })), values => {
      const rounded = roundToHalf(Float32Array.from(values))
      expect(floats(unpackLogprobs(packLogprobs(bytes(rounded))))).toEqual([...rounded])
      values.forEach((value, i) => {
        const off = Math.abs((rounded[i] as number) - value)
        expect(off).toBeLessThanOrEqual(Math.abs(value) / 2048 + 2 ** -25)
      })
    }),
  )
})

test('every half is itself, and other values go to the nearest, ties to even', () => {
  const all = Uint16Array.from({ length: 0x7c01 }, (_, half) => half)
  expect([...toHalf(fromHalf(all))]).toEqual([...all])
  const cases = [
    [1 + 2 ** -11, 1],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [-(2 ** -24) * 1.5, -(2 ** -23)],
    [2 ** -25, 0],
    [65520, Number.POSITIVE_INFINITY],
    [65519, 65504],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ] as const
  for (const [value, expected] of cases) {
    expect(fromHalf(toHalf(Float32Array.of(value)))[0], String(value)).toBe(expected)
  }
  expect(roundToHalf(Float32Array.of(Number.NaN))[0]).toBeNaN()
})
