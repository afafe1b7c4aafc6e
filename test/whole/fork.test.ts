/** `azr fork`: a run from another one's state, which is then independent of it. */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, inject, test } from 'vitest'
import { compareRuns } from '../../state/compare.ts'
import { azr } from './azr.ts'
import { ownHome } from './home.ts'

const home = ownHome()
const reference = inject('reference')

const read = (name: string, sql: string) => {
  const client = new Database(join(home, name, 'run.db'), { readonly: true })
  const rows = client.prepare(sql).pluck().all()
  client.close()
  return rows
}

test('without other settings it ends with the rows and weights of its parent, which may be deleted', async () => {
  const parent = join(home, 'parent')
  cpSync(reference, parent, { recursive: true })
  // No checkpoint of step 1 or 2: the updates are redone from the model itself.
  for (const name of readdirSync(join(parent, 'checkpoints'))) {
    if (!name.startsWith('000003')) rmSync(join(parent, 'checkpoints', name), { recursive: true })
  }
  const made = await azr(['fork', 'parent', '--at', '2', '--no-start'], { home })
  expect(made.code, made.err).toBe(0)
  rmSync(parent, { recursive: true })
  expect(read('parent-at-2', 'select max(step) from steps')).toEqual([2])
  expect(
    read('parent-at-2', "select count(*) from run_events where event = 'update.redone'"),
  ).toEqual([2])
  const gone = await azr(['resume', 'parent-at-2', '--no-serve'], { home })
  expect(gone.code, gone.err).toBe(0)
  expect(compareRuns(reference, join(home, 'parent-at-2'))).toEqual([])
  const again = await azr(['replay', 'parent-at-2', '--json'], { home })
  expect(JSON.parse(again.out)).toMatchObject({ steps: [3, 3], difference: null })
})

test('other settings apply from the step on; its origin can be queried', async () => {
  const args = ['fork', 'reference', '--at', '1', '--run', 'other', '--no-serve', '--steps=2']
  const { code, err } = await azr([...args, '--set', 'reward.wrong=-0.75'], { home })
  expect(code, err).toBe(0)
  const paid = "select distinct reward from grades where verdict = 'wrong' and step"
  expect(read('other', `${paid} = 1`)).toEqual([-0.5])
  expect(read('other', `${paid} = 2`)).toEqual([-0.75])
  const lineage = read(
    'other',
    "select lineage ->> '$.forked.run' || ' ' || (lineage ->> '$.forked.step') from run",
  )
  expect(lineage).toEqual(['reference 1'])
  expect(compareRuns(reference, join(home, 'other')).map(({ table }) => table)).toContain('grades')
  const child = await azr(
    ['fork', 'other', '--at', '2', '--steps=9', '--no-start', '--run', 'grandchild'],
    { home },
  )
  expect(child.code, child.err).toBe(0)
  const before = "select lineage ->> '$.before.forked.run' from run"
  expect(read('grandchild', before)).toEqual(['reference'])
})

describe('refused, and nothing is left behind', () => {
  test.each([
    [['--at', '9'], /there are 0 to 3/],
    [[], /without a step/],
    [['--at', '2', '--model.path=elsewhere'], /Cannot find model elsewhere/],
    [['--at', '2', '--steps=2'], /would end at 2/],
    [['--at', '2', '--set', 'trainer.optimizer=adamwCpu'], /trainer\.optimizer=adamw: keep that/],
    [['--at', '2', '--run', 'reference'], /exists/],
    [['--at', '2', '--set', 'reward.nothing=1'], /no knob reward\.nothing/],
  ])('%j', async (flags, why) => {
    const { code, err } = await azr(['fork', 'reference', ...flags, '--no-start'], { home })
    expect(err).toMatch(why)
    expect(code).toBe(2)
    expect(existsSync(join(home, 'reference-at-2'))).toBe(false)
    const left = existsSync(join(home, 'cache')) ? readdirSync(join(home, 'cache')) : []
    expect(left.filter(name => name.startsWith('fork-'))).toEqual([])
  })
})
