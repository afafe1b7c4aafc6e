/** Structural ids: whatever their numbers, texts sort like the numbers do. */
import { expect, test } from 'vitest'
import { executionKey, formatKey, formatStep, mostSteps, parseKey } from '../../domain/key.ts'
import { configSchema } from '../../src/config/config.ts'

const key = { step: 12, purpose: 'solve', kind: 'deduction', index: 3, sample: 0 } as const
/** Each power of ten, and the number before it. */
const numbers = [0, ...Array.from({ length: 8 }, (_, n) => [10 ** n, 10 ** (n + 1) - 1]).flat()]

test.each(['step', 'index', 'sample'] as const)(
  'ids sort by %s in the order of numbers, and read back',
  part => {
    const keys = numbers.map(value => ({ ...key, [part]: value }))
    const ids = keys.map(formatKey)
    expect([...ids].sort()).toEqual(ids)
    expect(ids.map(parseKey)).toEqual(keys)
  },
)

test('executions sort in the order of their inputs', () => {
  const ids = numbers.map(input => executionKey(formatKey(key), input))
  expect([...ids].sort()).toEqual(ids)
})

test('the hash of a wording is never taken for a number', () => {
  for (const hash of ['a', '0'].map(first => `${first}${'1'.repeat(31)}`)) {
    expect(parseKey(formatKey({ ...key, index: hash })).index).toBe(hash)
  }
})

test('a run has at most as many steps as the digits of an id hold', () => {
  expect(formatStep(mostSteps)).toBe('999999')
  expect(configSchema.parse({ steps: mostSteps }).steps).toBe(mostSteps)
  expect(() => configSchema.parse({ steps: mostSteps + 1 })).toThrow(/steps/)
})
