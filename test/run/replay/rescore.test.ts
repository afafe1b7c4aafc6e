/**
 * `azr rescore`: scores a run again under another rule. The results are stored apart from its rows.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import { azr } from '../../whole/azr.ts'
import { makeHome, unpack } from './stored.ts'

const home = makeHome()
const folder = join(home, 'whole')
const rescore = (name: string, ...sets: string[]) => {
  const flags = sets.flatMap(knob => ['--set', knob])
  return azr(['rescore', 'whole', '--name', name, '--json', ...flags], { home })
}
const read = (name: string, sql: string) => {
  const client = new Database(join(folder, 'rescores', `${name}.db`), { readonly: true })
  const rows = client.prepare(sql).all()
  client.close()
  return rows
}
const digest = () =>
  createHash('sha256')
    .update(readFileSync(join(folder, 'run.db')))
    .digest('hex')

beforeAll(() => void unpack(home, 'whole'))

test('the same rule changes nothing; another changes only its own part, and the run stays unchanged', async () => {
  const before = digest()
  const same = await rescore('same', 'reward.wrong=-0.5')
  expect(same.code, same.err).toBe(0)
  const changed = 'select id from grades where reward is not new_reward or verdict <> new_verdict'
  expect(read('same', changed)).toEqual([])
  expect(read('same', 'select * from advantages where advantage is not new_advantage')).toEqual([])
  const other = await rescore('other', 'reward.zeroLearnability=0.25')
  expect(other.code, other.err).toBe(0)
  const zero = "role = 'proposer' and verdict = 'accepted' and success_rate in (0, 1)"
  const moved = read(
    'other',
    'select distinct reward, new_reward from grades where reward is not new_reward',
  )
  expect(moved).toEqual([{ reward: -0.5, new_reward: 0.25 }])
  expect(read('other', `select id from grades where ${zero} and new_reward is not 0.25`)).toEqual(
    [],
  )
  const { rewards, advantages } = JSON.parse(other.out)
  const sum = (rows: { changed: number }[]) => rows.reduce((total, row) => total + row.changed, 0)
  expect(sum(rewards)).toBe(read('other', `select id from grades where ${zero}`).length)
  expect(sum(advantages)).toBeGreaterThan(sum(rewards))
  expect(digest()).toBe(before)
})

test('a task rule shows which tasks it would accept, and why', async () => {
  const { code, err, out } = await rescore('kept', 'task.maxOutputChars=4')
  expect(code, err).toBe(0)
  const lost = read(
    'kept',
    "select new_reason from grades where verdict <> new_verdict and new_verdict = 'refused'",
  )
  expect(lost.length).toBeGreaterThan(0)
  expect(new Set(lost.map(row => (row as { new_reason: string }).new_reason))).toEqual(
    new Set(['output too long']),
  )
  const { kept } = JSON.parse(out)
  expect(kept.reduce((sum: number, row: { lost: number }) => sum + row.lost, 0)).toBe(lost.length)
})

test.each([
  [[], /without a changed rule/],
  [['reward.nothing=1'], /no knob reward\.nothing/],
  [['trainer.learningRate=1'], /azr fork/],
  [['task.bannedWords=[os]'], /not stored/],
  [['reward.wrong'], /it takes a knob/],
  [['reward.wrong=lots'], /reward\.wrong/],
] as const)('%j is refused, and nothing is written', async (sets, why) => {
  const { code, err } = await rescore('refused', ...sets)
  expect(err).toMatch(why)
  expect(code).toBe(2)
  const names = existsSync(join(folder, 'rescores')) ? readdirSync(join(folder, 'rescores')) : []
  expect(names.filter(name => name.startsWith('refused'))).toEqual([])
})

test('a rescore is never overwritten', async () => {
  await rescore('once', 'reward.wrong=0')
  const { code, err } = await rescore('once', 'reward.wrong=0')
  expect(err).toMatch(/exists/)
  expect(code).toBe(2)
})
