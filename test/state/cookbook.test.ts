/** The views, the cookbook's queries and the trees of `azr trace`, on the stored run. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { treeLines } from '../../src/cli/trace.ts'
import { root } from '../../src/config/paths.ts'
import { openForWriting } from '../../state/database.ts'
import { type Branch, traceIn } from '../../state/provenance.ts'
import { views } from '../../state/views.ts'
import { makeHome, unpack } from '../run/replay/stored.ts'
import { azr } from '../whole/azr.ts'

const home = makeHome()
const lineage = JSON.stringify({
  forked: { run: 'one', step: 7, settings: { seed: '2' } },
  before: { forked: { run: 'zero', step: 3, settings: {} }, before: null },
})
let client: Database.Database
let rescored: Database.Database

beforeAll(async () => {
  const folder = unpack(home, 'stored')
  client = openForWriting(join(folder, 'run.db')).client
  const { code, err } = await azr(
    ['rescore', 'stored', '--name', 'x', '--set', 'reward.zeroLearnability=0.9'],
    { home },
  )
  if (code !== 0) throw new Error(err)
  rescored = new Database(join(folder, 'rescores', 'x.db'))
  client.prepare('update run set lineage = ?').run(lineage)
  // The small run's two steps do not change an answer, so make some of the first ones wrong.
  client.exec("update evaluation_items set verdict = 'wrong' where step = 0 and mode = 'greedy'")
})
afterAll(() => {
  client.close()
  rescored.close()
})

const page = readFileSync(join(root, 'docs', 'how-to', 'ask-in-sql.md'), 'utf8')
const queries = [
  ...page.matchAll(/^## (\d+\. .+)\n(?:[^`]|`(?!``))*?```sql( rescore)?\n([^`]+)```/gm),
].map(([, title = '', where = '', sql = '']) => ({ title, where, sql }))

describe('the cookbook', () => {
  test('numbers each of its queries', () => {
    expect(queries.length).toBeGreaterThanOrEqual(20)
    expect(queries.length).toBe(page.match(/^```sql/gm)?.length)
    expect(queries.map(({ title }) => Number.parseInt(title, 10))).toEqual(
      queries.map((_, i) => i + 1),
    )
  })

  test.each(queries)('$title', ({ where, sql }) => {
    const rows = (where ? rescored : client).prepare(sql).all()
    expect(rows.length).toBeGreaterThan(0)
  })
})

describe('views', () => {
  const all = (sql: string) => client.prepare(sql).pluck().all()

  test('agree with the rows behind them', () => {
    expect(all('select count(*) from v_rollouts')).toEqual(all('select count(*) from rollouts'))
    expect(all('select count(*) from v_training')).toEqual(all('select count(*) from update_items'))
    expect(all('select sum(tokens) from v_training group by step order by step')).toEqual(
      all('select tokens from updates order by step'),
    )
    const curve = 'select correct from v_learning_curve where kind = ? and step = 2'
    const kept = "select value from metrics where step = 2 and name = 'accuracy.' || ?"
    for (const kind of ['deduction', 'abduction', 'induction']) {
      expect(client.prepare(curve).pluck().get(kind)).toBeCloseTo(
        client.prepare(kept).pluck().get(kind) as number,
      )
    }
    const orphans = `select id from tasks where step > 0 and verdict = 'accepted' and id not in (
      select task_id from v_ancestry where ancestor_step = 0)`
    expect(all(orphans)).toEqual([])
    expect(all('select run from v_lineage order by generation')).toEqual(['one', 'zero'])
  })

  test('are made once, and again if one has another version', () => {
    const path = join(home, 'stored', 'run.db')
    const version = () => client.pragma('schema_version', { simple: true })
    const before = version()
    openForWriting(path).client.close()
    expect(version()).toBe(before)
    client.exec('drop view v_frontier; create view v_frontier as select 1 as one')
    openForWriting(path).client.close()
    expect(all("select count(*) from pragma_table_info('v_frontier')")[0]).toBeGreaterThan(5)
    expect(all("select count(*) from sqlite_master where type = 'view'")).toEqual([
      Object.keys(views).length,
    ])
  })
})

describe('azr trace', () => {
  const kindsOf = (branch: Branch): string[] => [branch.kind, ...branch.children.flatMap(kindsOf)]
  const find = (branch: Branch, test: (branch: Branch) => boolean): Branch | undefined =>
    test(branch) ? branch : branch.children.flatMap(child => find(child, test) ?? [])[0]

  test('goes from an update to rollouts, executions, tasks and their parents, down to the seeds', () => {
    const tree = traceIn(client, '2')
    expect(new Set(kindsOf(tree as Branch))).toEqual(
      new Set(['update', 'rollout', 'execution', 'task', 'note']),
    )
    const seed = find(tree as Branch, ({ kind, id }) => kind === 'task' && id.startsWith('000000.'))
    expect(seed?.facts).toHaveProperty('from the seeding')
  })

  test('finds rollouts, tasks by id and by hash, executions; and reports a missing one', async () => {
    const one = (sql: string) => client.prepare(sql).pluck().get() as string
    const task = one("select id from tasks where verdict = 'accepted' and step = 1")
    const hash = one(`select hash from tasks where id = '${task}'`)
    for (const id of [task, hash, `${task}.00`]) {
      expect(
        find(traceIn(client, id) as Branch, ({ id: own }) => own === task),
        id,
      ).toBeTruthy()
    }
    const { code, err } = await azr(['trace', 'stored', 'nothing\u001b[2J'], { home })
    expect(code).toBe(2)
    expect(err).toMatch(/Cannot find nothing\\u\{1b\}\[2J in run stored: give/)
  })

  test('prints a tree without control characters', () => {
    const branch: Branch = {
      kind: 'rollout',
      id: 'a',
      facts: { reason: '\u001b[31mred' },
      text: 'x\u001b]0;t\u0007',
      children: [{ kind: 'task', id: 'b', facts: {}, text: 'def f(a):\n return a', children: [] }],
    }
    const lines = treeLines(branch, 80, (_, text) => text)
    expect(lines).toEqual([
      'rollout a  reason \\u{1b}[31mred',
      '  │ x\\u{1b}]0;t\\u{7}',
      '  task b',
      '    │ def f(a):',
      '    │  return a',
    ])
  })
})
