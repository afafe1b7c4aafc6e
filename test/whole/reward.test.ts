/** A user's reward in whole runs: docs/how-to/add-a-reward.md, and the errors it may cause. */
import { appendFileSync, copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test } from 'vitest'
import type { RewardedAnswer } from '../../domain/reward-plugin.ts'
import lengthPrice from '../../examples/reward/length-price.ts'
import { tokenCount, unpackIds } from '../../state/packing.ts'
import { temporary } from '../temporary.ts'
import { azr } from './azr.ts'
import { howTo } from './how-to.ts'

const root = join(import.meta.dirname, '..', '..')
const example = join(root, 'examples', 'reward', 'length-price.ts')
const home = temporary('reward')
const mine = join(temporary('mine'), 'reward.ts')

const blocks = howTo('add-a-reward')

async function does(...words: string[]) {
  const ended = await azr(words, { home })
  expect(ended.code, ended.err).toBe(0)
  return ended
}

async function refuses(code: number, message: RegExp, ...words: string[]) {
  const ended = await azr(words, { home })
  expect(ended.err).toMatch(message)
  expect(ended.code).toBe(code)
}

function read<Row>(path: string, sql: string): Row[] {
  const client = new Database(join(home, path), { readonly: true })
  const rows = client.prepare(sql).all()
  client.close()
  return rows as Row[]
}

beforeAll(async () => {
  for (const line of blocks('sh').join('').trim().split('\n')) {
    const [program, ...words] = line.trim().split(' ')
    expect(program).toBe('azr')
    const isRun = words[0] === 'train' || words[0] === 'fork'
    await does(...words, ...(isRun ? ['--no-serve'] : ['--name', 'page']))
  }
}, 600_000)

type Graded = Pick<RewardedAnswer, 'id' | 'role' | 'verdict'> & { reward: number; ids: Buffer }
const grades =
  'select grades.id, grades.role, verdict, reward, ids from grades join rollouts using (id)'
const builtIn = { correct: 1, wrong: -0.5, malformed: -1 }

/** The example's reward for a row, from the stored length. */
const priced = ({ role, verdict, reward, ids }: Graded) => {
  if (role !== 'solver') return reward
  const what = { verdict, reward: builtIn[verdict], tokens: tokenCount(unpackIds(ids)) }
  return lengthPrice.answer(what as RewardedAnswer)
}

test('the page shows the example unchanged', () => {
  const code = readFileSync(example, 'utf8')
  expect(code.slice(code.indexOf('import'))).toBe(blocks('ts')[0])
})

test('every grade of the run is its reward, and the run stores its hash', () => {
  const rows = read<Graded>('priced/run.db', grades)
  for (const row of rows) expect(row.reward, row.id).toBe(priced(row))
  const paid = rows.filter(
    ({ role, reward }) => role === 'solver' && ![1, -0.5, -1].includes(reward),
  )
  expect(paid.length).toBeGreaterThan(0)
  const [run] = read<{ plugins: string }>('priced/run.db', 'select plugins from run')
  const [kept, ...others] = JSON.parse(run?.plugins ?? '[]')
  expect(others).toEqual([])
  expect(kept).toMatchObject({ what: 'reward', name: 'length-price', path: example })
  expect(kept.hash).toMatch(/^[0-9a-f]{32}$/)
})

test('a fork uses it from its step on', () => {
  for (const row of read<Graded>('priced-later/run.db', `${grades} where grades.step = 2`)) {
    expect(row.reward, row.id).toBe(priced(row))
  }
  expect(read('priced-later/run.db', `${grades} where grades.step < 2`)).toEqual(
    read('plain/run.db', `${grades} where grades.step < 2`),
  )
})

test("a rescore stores its rewards next to the run's own", () => {
  type Both = { id: string; reward: number; new_reward: number }
  const both = read<Both>('plain/rescores/page.db', 'select id, reward, new_reward from grades')
  const rows = new Map(read<Graded>('plain/run.db', grades).map(row => [row.id, row]))
  expect(both.length).toBe(rows.size)
  for (const { id, reward, new_reward } of both) {
    const row = rows.get(id) as Graded
    expect([reward, new_reward]).toEqual([row.reward, priced(row)])
  }
  expect(both.some(({ reward, new_reward }) => reward !== new_reward)).toBe(true)
})

test('changed content is refused by every command that continues the run; the old one, or another file, is accepted', async () => {
  copyFileSync(example, mine)
  const set = ['--set', `reward.custom=${mine}`]
  await does('fork', 'plain', '--at', '1', '--run', 'mine', '--no-serve', ...set)
  const { out } = await does('replay', 'mine', '--json')
  expect(JSON.parse(out)).toMatchObject({ steps: [2, 2], difference: null })
  appendFileSync(mine, '// Another one.\n')
  for (const [command, ...flags] of [
    ['resume', '--steps=3', '--no-serve'],
    ['replay'],
    ['fork', '--at', '2', '--steps=3', '--no-start'],
  ] as const) {
    const act = `Cannot ${command} mine as ${mine} has changed since it began: restore the old file`
    await refuses(2, new RegExp(act), command, 'mine', ...flags)
  }
  const rescore = ['rescore', 'mine', '--set', 'reward.wrong=0']
  await refuses(2, /Cannot replay mine as .* has changed/, ...rescore)
  const other = ['--set', `reward.custom=${example}`, '--steps=3', '--no-start']
  await does('fork', 'mine', '--at', '2', '--run', 'other', ...other)
  rmSync(mine)
  await refuses(2, /Cannot use reward .*: there is no such file/, 'resume', 'mine', '--steps=3')
  await does('status', 'mine')
  copyFileSync(example, mine)
  await does('resume', 'mine', '--steps=3', '--no-serve')
}, 600_000)

test('an exception ends the run with its file and line, and becomes no reward', async () => {
  const source = `import type { Reward } from 'azr/reward'
export default {
  name: 'broken',
  answer(what) {
    throw new RangeError(Object.isFrozen(what.task.pairs[0]) ? 'frozen' : 'open')
  },
} satisfies Reward
`
  writeFileSync(mine, source)
  const flags = ['--at', '1', '--run', 'broken', '--no-serve', '--set', `reward.custom=${mine}`]
  const message = new RegExp(`as reward ${mine}:5 threw RangeError: frozen\\n`)
  await refuses(1, message, 'fork', 'plain', ...flags)
  const step = "step = 2 and role = 'solver'"
  expect(read('broken/run.db', `select id from grades where ${step}`)).toEqual([])
  expect(read('broken/run.db', `select id from rollouts where ${step}`)).not.toEqual([])
}, 600_000)
