/** A user's kind in a whole run: docs/how-to/add-a-kind.md, and the errors it may cause. */
import { appendFileSync, copyFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { chromium } from 'playwright-core'
import { beforeAll, expect, test } from 'vitest'
import { setUpPage } from '../../scripts/setup/page.ts'
import { pageIsFresh } from '../../scripts/setup/stamps.ts'
import { root } from '../../src/config/paths.ts'
import { startServer } from '../../src/http/serve.ts'
import { temporary } from '../temporary.ts'
import { executablePath, showAt } from '../web/browser.ts'
import { azr, start, survivors } from './azr.ts'
import { howTo } from './how-to.ts'

const example = join(root, 'examples', 'kind', 'repair.ts')
const home = temporary('kind')
const mine = join(temporary('mine'), 'repair.ts')

const blocks = howTo('add-a-kind')

async function does(...words: string[]) {
  const ended = await azr(words, { home })
  expect(ended.code, ended.err).toBe(0)
  return ended
}

async function refuses(message: RegExp, ...words: string[]) {
  const ended = await azr(words, { home })
  expect(ended.err).toMatch(message)
  expect(ended.code).toBe(2)
}

function read<Row>(name: string, sql: string): Row[] {
  const client = new Database(join(home, name, 'run.db'), { readonly: true })
  const rows = client.prepare(sql).all()
  client.close()
  return rows as Row[]
}

const countOf = (name: string, sql: string) =>
  (read(name, `select count(*) as n from ${sql}`)[0] as { n: number }).n

const told: string[] = []
beforeAll(async () => {
  for (const line of blocks('sh').join('').trim().split('\n')) {
    const [program, ...words] = line.trim().split(' ')
    expect(program).toBe('azr')
    const ended = await does(...words, ...(words[0] === 'train' ? ['--no-serve'] : []))
    told.push(ended.out + ended.err)
  }
}, 600_000)

test('the page shows a part of the example unchanged', () => {
  expect(readFileSync(example, 'utf8')).toContain(blocks('ts')[0])
})

test('its tasks are proposed, accepted, solved, graded and trained on', () => {
  const repair = "kind = 'repair'"
  expect(
    countOf('mended', `tasks where ${repair} and verdict = 'accepted' and step = 0`),
  ).toBeGreaterThan(1)
  expect(countOf('mended', `tasks where ${repair} and step > 0`)).toBe(8)
  const proposed = `rollouts where ${repair} and role = 'proposer'`
  expect(countOf('mended', proposed)).toBeGreaterThan(16)
  expect(countOf('mended', `${proposed} and task_hash is null`)).toBe(0)
  const solved = `grades where ${repair} and role = 'solver'`
  expect(countOf('mended', `${solved} and verdict <> 'ungraded'`)).toBeGreaterThan(0)
  const trained = `update_items join rollouts on rollouts.id = rollout_id where ${repair}`
  expect(countOf('mended', trained)).toBeGreaterThan(0)
  const names = ['accuracy', 'valid', 'reward.proposer', 'buffer', 'mismatch.kl.solver']
  for (const name of names) {
    expect(countOf('mended', `metrics where name = '${name}.repair'`), name).toBeGreaterThan(0)
  }
})

test('a task is a faulty program with the outputs of the original', () => {
  type Task = { program: string; pairs: string; original: string }
  const tasks = read<Task>(
    'mended',
    `select tasks.program, tasks.pairs, parents.program as original from tasks
     join task_references on task_id = tasks.id join tasks parents on parents.hash = reference_hash
     where tasks.kind = 'repair' and tasks.verdict = 'accepted'`,
  )
  expect(tasks.length).toBeGreaterThan(0)
  for (const { program, pairs, original } of tasks) {
    const runs = (code: string) =>
      read<{ canonical: string }>(
        'mended',
        `select canonical from executions join tasks on tasks.id = rollout_id
         where executions.program = ${quoted(code)} and tasks.program = ${quoted(program)}
         and tasks.pairs = ${quoted(pairs)} order by executions.id`,
      ).map(({ canonical }) => canonical)
    const right = JSON.parse(pairs).map(({ canonical }: { canonical: string }) => canonical)
    expect(runs(original).slice(0, right.length)).toEqual(right)
    expect(runs(program).slice(0, right.length)).not.toEqual(right)
  }
})

const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`

test('the terminal shows it, and the replay finds no difference', () => {
  const [trained, status, replayed] = told
  expect(trained).toMatch(/repair/)
  expect(status).toMatch(/held out.*repair|learnable tasks/)
  expect(replayed).toMatch(/steps 0 to 2 equal the recording/)
})

test('the run stores its hash, and how it is shown', () => {
  const [run] = read<{ plugins: string; kinds: string }>('mended', 'select plugins, kinds from run')
  const [plugin, ...others] = JSON.parse(run?.plugins ?? '[]')
  expect(others).toEqual([])
  expect(plugin).toMatchObject({ what: 'kind', name: 'repair', path: example })
  const kinds = JSON.parse(run?.kinds ?? '[]')
  expect(kinds.map(({ name }: { name: string }) => name)).toEqual([
    'deduction',
    'abduction',
    'induction',
    'repair',
  ])
  expect(kinds[3]).toMatchObject({ shownShare: 0.5, colors: { light: '#8a2f6b' } })
})

test.skipIf(!existsSync(executablePath))(
  'the page draws it in its own colour',
  async () => {
    if (!pageIsFresh(root)) await setUpPage(root, () => {})
    const server = await startServer({ home, port: undefined })
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    try {
      const tab = await browser.newPage({ colorScheme: 'light' })
      const complaints: string[] = []
      tab.on('console', message => message.type() === 'error' && complaints.push(message.text()))
      tab.on('pageerror', error => complaints.push(error.message))
      await showAt(tab, `${server.url}#mended/learning`)
      const swatch = tab.locator('.legend .swatch.of-kind-repair').first()
      expect(await swatch.evaluate(one => getComputedStyle(one).backgroundColor)).toBe(
        'rgb(138, 47, 107)',
      )
      expect(await swatch.locator('xpath=../..').textContent()).toContain('repair')
      await showAt(tab, `${server.url}#mended/frontier`)
      expect(await tab.locator('figure.of-kind-repair').textContent()).toContain('repair')
      const [task] = read<{ id: string }>(
        'mended',
        "select id from tasks where kind = 'repair' and verdict = 'accepted'",
      )
      await showAt(tab, `${server.url}#mended/tasks?kind=repair`)
      expect(await tab.locator('tbody tr').count()).toBeGreaterThan(8)
      await showAt(tab, `${server.url}#mended/tasks?task=${task?.id}`)
      expect(await tab.textContent('main')).toMatch(/A task of repair.*shown.*hidden/s)
      expect(complaints).toEqual([])
    } finally {
      await browser.close()
      await server.close()
    }
  },
  300_000,
)

test('it continues after a kill, as the only kind, and not with other content', async () => {
  copyFileSync(example, mine)
  const kinds = `--kinds=[${mine}]`
  const session = start(['train', 'smoke', '--run', 'killed', '--no-serve', kinds], { home })
  await session.says(/^step 1\//m)
  await sleep(500)
  session.child.kill('SIGKILL')
  await session.ended
  expect(await survivors([session.pid])).toEqual([])
  appendFileSync(mine, '// Another one.\n')
  const changed = new RegExp(`${mine} has changed since it began: restore the old file`)
  await refuses(changed, 'resume', 'killed', '--no-serve')
  await refuses(changed, 'replay', 'killed')
  copyFileSync(example, mine)
  await does('resume', 'killed', '--no-serve')
  expect(countOf('killed', 'steps')).toBe(4)
  expect(read('killed', 'select distinct kind from tasks order by kind')).toEqual(
    ['abduction', 'deduction', 'repair'].map(kind => ({ kind })),
  )
  const { out } = await does('replay', 'killed', '--json')
  expect(JSON.parse(out)).toMatchObject({ steps: [0, 3], difference: null })
}, 600_000)
