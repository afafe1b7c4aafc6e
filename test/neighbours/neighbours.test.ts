/**
 * The short form of `npm run test:neighbours`: 500 programs, and a test that the hunt notices a
 * screen that lets everything share.
 */
import { expect, test, vi } from 'vitest'
import { hunt } from './hunt.ts'

vi.setConfig({ testTimeout: 600_000 })

test('no program changes the result of another that shares its child', async () => {
  const { faults, shared } = await hunt({ seed: 23, count: 500 })
  expect(faults).toEqual([])
  // Half of the programs are in the language, with one neighbour for every two of them.
  expect(shared).toBeGreaterThan(300)
})

test('a screen that lets everything share is noticed, by neighbours and by changes of the interpreter', async () => {
  const { faults } = await hunt({ seed: 23, count: 56, isScreenOff: true })
  expect(faults.some(({ what }) => what.startsWith('it changed module'))).toBe(true)
  expect(faults.some(({ what }) => what.startsWith('a neighbour said'))).toBe(true)
})
