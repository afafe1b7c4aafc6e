/**
 * The short form of `npm run test:hostile`: every program once, with the modes taking turns, so
 * that each mode gets programs of every category. The long form runs all of them in all modes.
 */
import { describe, expect, test, vi } from 'vitest'
import { isAccepted, readAllCases } from './cases.ts'
import { runMode } from './check.ts'
import { modes } from './modes.ts'

vi.setConfig({ testTimeout: 900_000 })

const cases = readAllCases()

describe('hostile programs have an accepted outcome, and leave no trace', () => {
  test.for(modes.map((mode, i) => [mode.name, mode, i] as const))(
    '%s',
    async ([, mode, i], ctx) => {
      const mine = cases.filter((_, at) => at % modes.length === i)
      const { skipped, failures, passed } = await runMode(mode, mine)
      if (skipped) return ctx.skip(`not run here: ${skipped}`)
      expect(failures).toEqual([])
      expect(passed).toHaveLength(mine.length)
    },
  )
})

describe('the set', () => {
  test('has at least twelve hundred programs over its categories, with unique names', () => {
    const categories = new Set(cases.map(({ category }) => category))
    const wanted = ['plain', 'error', 'nondeterminism', 'cpu', 'memory', 'output', 'judge']
    wanted.push('contamination', 'files', 'processes', 'network', 'escape')
    wanted.push('carried', 'library', 'chance')
    for (const name of wanted) expect(categories).toContain(name)
    expect(cases.length).toBeGreaterThanOrEqual(1200)
    expect(new Set(cases.map(({ category, name }) => `${category}: ${name}`)).size).toBe(
      cases.length,
    )
  })

  test('accepts by outcome and text', () => {
    const found = { outcome: 'returned', output: '1', error: null } as never
    expect(isAccepted(found, [{ outcome: 'returned', text: '1' }])).toBe(true)
    expect(isAccepted(found, [{ outcome: 'returned', text: null }])).toBe(true)
    expect(isAccepted(found, [{ outcome: 'returned', text: '2' }])).toBe(false)
    expect(isAccepted(found, [{ outcome: 'raised', text: null }])).toBe(false)
  })
})
