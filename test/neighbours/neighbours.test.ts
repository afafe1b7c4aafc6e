/** The short form of `npm run test:neighbours`: 500 programs, and a screen that lets all in is found out. */
import { expect, test, vi } from 'vitest'
import { hunt } from './hunt.ts'

vi.setConfig({ testTimeout: 600_000 })

test('no program that shares a child shows in what another one does', async () => {
  const { faults, shared } = await hunt({ seed: 23, count: 500 })
  expect(faults).toEqual([])
  // Half of the programs lie in the language, each with half a neighbour.
  expect(shared).toBeGreaterThan(300)
})

test('a screen that lets all in is found out, by neighbours and by a look at the interpreter', async () => {
  const { faults } = await hunt({ seed: 23, count: 56, isScreenOff: true })
  expect(faults.some(({ what }) => what.startsWith('it changed module'))).toBe(true)
  expect(faults.some(({ what }) => what.startsWith('a neighbour said'))).toBe(true)
})
