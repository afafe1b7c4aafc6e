/** The stored run, replayed by the current code. Nothing may differ, except by intention. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { root } from '../../../src/config/paths.ts'
import { replay } from '../../../src/run/replay.ts'
import { makeHome, packed, query, unpack } from './stored.ts'

vi.mock('node:child_process', async original => ({
  ...(await original<typeof import('node:child_process')>()),
  spawn: () => {
    throw new Error('A replay starts no process')
  },
}))

const home = makeHome()

const replayOf = (folder: string) => replay({ folder, isExecuted: false })

test('the stored run comes out row by row as it was recorded, and no process is started', async () => {
  const folder = unpack(home, 'whole')
  const { difference, rows, rollouts, steps } = await replayOf(folder)
  expect(difference).toBeNull()
  expect(steps).toEqual([0, 2])
  const [{ n }] = query(folder, 'select count(*) as n from rollouts') as [{ n: number }]
  expect(rollouts).toBe(n)
  expect(rows).toBeGreaterThan(4 * n)
})

test('the README next to the stored run names its current version', () => {
  const name = createHash('sha256').update(packed).digest('hex').slice(0, 8)
  const notes = join(root, 'test', 'fixtures', 'stored-run', 'README.md')
  expect(readFileSync(notes, 'utf8')).toContain(`\`${name}\``)
})

const one = (table: string, where: string) =>
  `rowid = (select rowid from ${table} where ${where} order by rowid desc limit 1)`
const answer = one('grades', "role = 'solver' and verdict = 'correct' and step = 1")
const ran = "rollout_id in (select id from grades where verdict = 'correct' and step = 1)"
const proposal = one('grades', "role = 'proposer' and step = 2 and reward is not null")

describe('the first difference is found, named and shown from both sides', () => {
  test.each([
    ['a reward', `update grades set reward = 0.25 where ${answer}`, 'grades', 'reward'],
    ['a proposal’s', `update grades set reward = 0.125 where ${proposal}`, 'grades', 'reward'],
    [
      'an advantage',
      'update update_items set advantage = advantage + 1e-12 where step = 2 and position = 3',
      'update_items',
      'advantage',
    ],
    [
      'an item left out of a batch',
      'delete from update_items where step = 1 and position = 0',
      'update_items',
      null,
    ],
    [
      'a verdict on a task',
      `update tasks set verdict = 'duplicate' where ${one('tasks', "verdict = 'accepted'")}`,
      'tasks',
      'verdict',
    ],
    [
      'what a program gave',
      `update executions set canonical = 'int 7' where ${one('executions', ran)}`,
      'grades',
      'verdict',
    ],
    [
      'a prompt',
      "update prompts set text = text || ' ' where hash = (select prompt_hash from rollouts where step = 1 limit 1)",
      'prompts',
      'hash',
    ],
    [
      'a sampling seed',
      `update rollouts set seed = 7, input_hash = 'x' where ${one('rollouts', "step = 1 and id like '%.0'")}`,
      'rollouts',
      'seed',
    ],
    [
      'a reference that nobody drew',
      `update task_references set reference_hash = 'x' where ${one('task_references', '1')}`,
      'task_references',
      'reference_hash',
    ],
    [
      'a row that comes from nowhere',
      `insert into grades select '000001.x.y.z.0', step, role, kind, parsed, verdict, reason,
       success_rate, learnability, reward, input_hash from grades where ${answer}`,
      'grades',
      null,
    ],
    [
      'a score',
      'update evaluations set correct = correct + 1 where step = 2',
      'evaluations',
      'correct',
    ],
    [
      'a curve',
      "update metrics set value = 0.5 where step = 2 and name = 'accuracy.deduction'",
      'metrics',
      'value',
    ],
  ])('%s', async (what, change, table, column) => {
    const { difference } = await replayOf(unpack(home, `bad-${what.replace(/\W/g, '-')}`, change))
    expect(difference).not.toBeNull()
    expect(difference?.recorded).not.toBe(difference?.replayed)
    expect(difference).toMatchObject({ table, column })
  })
})

test('the items of its suites are stored: the model may be deleted', async () => {
  const gone = "update run set config = json_set(config, '$.model.path', '/nowhere')"
  expect((await replayOf(unpack(home, 'alone', gone))).difference).toBeNull()
})

test('measured columns may differ', async () => {
  const change =
    'update executions set cpu_ms = 0, peak_memory_bytes = 1; update steps set wall_ms = 1'
  expect((await replayOf(unpack(home, 'measured', change))).difference).toBeNull()
})

test('an interrupted run is replayed up to its last finished step', async () => {
  const change =
    'delete from steps where step = 2; delete from grades where step = 2 and reward < 0'
  expect(await replayOf(unpack(home, 'cut', change))).toMatchObject({
    steps: [0, 1],
    difference: null,
  })
  await expect(replayOf(unpack(home, 'fresh', 'delete from steps'))).rejects.toThrow(/no step yet/)
})
