/**
 * A user's benchmark in whole runs: docs/how-to/add-a-benchmark.md, and the errors it may cause.
 */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { beforeAll, expect, test, vi } from 'vitest'
import { temporary } from '../temporary.ts'
import { azr } from './azr.ts'
import { howTo } from './how-to.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 600_000 })

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'examples', 'suite')
const home = temporary('suite')
const said = new Map<string, string>()

const blocks = howTo('add-a-benchmark')

async function ends(code: number, ...words: string[]) {
  const ended = await azr(words, { home })
  expect(ended.code, ended.err).toBe(code)
  return ended.err
}

function read<Row>(path: string, sql: string): Row[] {
  const client = new Database(join(home, path), { readonly: true })
  const rows = client.prepare(sql).all()
  client.close()
  return rows as Row[]
}

beforeAll(async () => {
  for (const block of blocks('sh')) {
    const [program, ...words] = block.trim().split(' ')
    expect(program).toBe('azr')
    const flags = words.includes('--completions') ? [] : ['--no-serve']
    said.set(words[0] === 'train' ? 'train' : flags.join(), await ends(0, ...words, ...flags))
  }
})

test('the page shows the example unchanged', () => {
  const code = readFileSync(join(folder, 'traces.ts'), 'utf8')
  expect(code.slice(code.indexOf('import'))).toBe(blocks('ts')[0])
})

test('answers from elsewhere are graded', () => {
  expect(said.get('')).toContain('of 3 of 20 items')
  expect(said.get('')).toContain('2 correct, 1 wrong, 0 malformed, 0 ungraded')
})

test('a model is scored on all items, under the name and the kind of the benchmark', () => {
  const [row] = read('traces/run.db', 'select suite, step, kind, items from evaluations')
  expect(row).toEqual({ suite: 'traces', step: 0, kind: 'deduction', items: 20 })
  expect(said.get('--no-serve')).toContain('traces')
})

test('base and trained model are scored at the end of a run, and it stores the hash of the files', () => {
  const rows = read('traced/run.db', "select step, mode from evaluations where suite = 'traces'")
  expect(rows).toEqual([0, 2].flatMap(step => ['greedy', 'sampled'].map(mode => ({ step, mode }))))
  const graded = read<{ verdict: string }>('traced/run.db', 'select verdict from evaluation_items')
  expect(graded.filter(({ verdict }) => verdict === 'correct').length).toBeGreaterThan(0)
  expect(graded.filter(({ verdict }) => verdict === 'ungraded')).toEqual([])
  const [run] = read<{ plugins: string }>('traced/run.db', 'select plugins from run')
  const [kept] = JSON.parse(run?.plugins ?? '[]')
  const path = join(folder, 'traces.ts')
  expect(kept).toMatchObject({ what: 'benchmark', name: 'traces', path })
})

test('other items, or another grader, are refused by every command that continues the run', async () => {
  const mine = temporary('mine')
  cpSync(folder, mine, { recursive: true })
  const suite = join(mine, 'traces.ts')
  const asked = ['eval', '--suite', suite, '--run', 'mine', '--no-serve', '--items', '3']
  await ends(0, ...asked)
  appendFileSync(join(mine, 'traces.jsonl'), '{"id":"more","program":"","input":"","output":""}\n')
  expect(await ends(2, ...asked)).toContain(`as ${suite} has changed since it began`)
})

const grading = (body: string, ...ids: string[]) => `export default {
  name: 'mine',
  items: () => ${JSON.stringify(ids.map(id => ({ id })))},
  prompt: () => '<D>',
  grade() {
    ${body}
  },
}
`
test.each([
  [
    'lacks a function',
    "export default { name: 'mine', items() {}, prompt() {} }",
    2,
    'no function grade',
  ],
  ['has another name', grading('').replace("'mine'", "'other'"), 2, 'its name has to be mine'],
  ['throws', grading("throw new RangeError('no')", 'one'), 1, 'mine.ts:6 threw RangeError: no'],
  [
    'gives no verdict',
    grading("return { verdict: 'yes' }", 'one'),
    1,
    'a verdict is one of correct',
  ],
  ['has an id twice', grading('', 'one', 'one'), 1, 'a unique text'],
  ['has no items', grading(''), 1, 'items has to return a list'],
])('one that %s is refused with what to do', async (_, text, code, message) => {
  const mine = join(temporary('wrong'), 'mine.ts')
  writeFileSync(mine, text)
  const answers = join(temporary('answers'), 'answers.jsonl')
  writeFileSync(answers, '{"id": "one", "completion": ""}\n')
  const err = await ends(code, 'eval', '--suite', mine, '--completions', answers)
  expect(err).toContain(message)
  expect(err).toContain('mine.ts')
})

test('a kind that the run does not know is refused before anything is started', async () => {
  const mine = join(temporary('kind'), 'mine.ts')
  writeFileSync(mine, grading('', 'one').replace('items', "kind: 'magic', items"))
  expect(await ends(2, 'eval', '--suite', mine, '--no-serve')).toContain(
    'Cannot score mine under kind magic: there are deduction, abduction, induction',
  )
})
