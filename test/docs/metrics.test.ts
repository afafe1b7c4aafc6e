/** docs/reference/metrics.md has every curve that a run leaves, and the figures that guides use. */
import { expect, test } from 'vitest'
import { familiesOf } from '../../src/http/families.ts'
import { makeHome, query, unpack } from '../run/replay/stored.ts'
import { readPage } from './pages.ts'

const page = readPage('docs/reference/metrics.md')

test('curves', () => {
  const folder = unpack(makeHome(), 'stored')
  const names = query(folder, 'select distinct name from metrics') as { name: string }[]
  expect(names.length).toBeGreaterThan(60)
  const patterns = [...page.matchAll(/^\| `([a-zA-Z.0-9]+)` \|/gm)].map(([, name = '']) => {
    const filled = name
      .replaceAll('.', '\\.')
      .replace('SUITE', 'micro-[a-z-]+')
      .replace('KIND', '(deduction|abduction|induction|all)')
      .replace('ROLE', '(proposer|solver)')
      .replace('MODE', '(greedy|sampled)')
      .replace('OUTCOME', '[a-zA-Z]+')
    return new RegExp(`^${filled}$`)
  })
  const missing = names.filter(({ name }) => !patterns.some(pattern => pattern.test(name)))
  expect(missing).toEqual([])
})

test('the guide uses existing figures for Prometheus', () => {
  const known = familiesOf('', [], []).map(({ name }) => name)
  const asked = readPage('docs/how-to/grafana.md').match(/\bazr_[a-z_]+/g) ?? []
  expect(asked.length).toBeGreaterThan(10)
  expect(asked.filter(name => !known.includes(name))).toEqual([])
})
