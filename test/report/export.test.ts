/**
 * `azr export`, read back by the tools that people use: DuckDB, polars, TensorBoard, transformers.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { python, root } from '../../src/config/paths.ts'
import { makeHome, query, unpack } from '../run/replay/stored.ts'
import { azr } from '../whole/azr.ts'

const home = makeHome()
const folder = join(home, 'stored')
beforeAll(() => void unpack(home, 'stored'))

const readers = join(import.meta.dirname, 'readers.py')
const read = (how: string, place: string) =>
  JSON.parse(
    execFileSync(python, [readers, how, place], { encoding: 'utf8' }).split('\n').at(-2) ?? '',
  )
const count = (table: string) =>
  (query(folder, `select count(*) as n from "${table}"`)[0] as { n: number }).n

async function write(format: string, ...flags: string[]) {
  const { code, err } = await azr(['export', 'stored', '--to', format, ...flags], { home })
  expect(code, err).toBe(0)
  return join(folder, 'exports', format)
}

const jsonLines = (path: string) =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))

test('parquet opens in DuckDB and polars, and jsonl has the same data', async () => {
  const place = await write('parquet')
  const lines = await write('jsonl')
  const found = read('parquet', place)
  for (const [table, rows] of Object.entries(found.counts)) {
    expect(rows, table).toBe(count(table))
    expect(jsonLines(join(lines, `${table}.jsonl`)).length, table).toBe(rows)
  }
  expect(Object.keys(found.counts).length).toBeGreaterThan(15)
  const [sum] = query(folder, 'select sum(reward) as s, count(reward) as n from grades') as [
    { s: number; n: number },
  ]
  expect(found.rewards[0]).toBeCloseTo(sum.s)
  expect(found.rewards[1]).toBe(sum.n)
  expect(found.polars).toBeCloseTo(sum.s)
  const rollouts = jsonLines(join(lines, 'rollouts.jsonl')).sort((a, b) => (a.id < b.id ? -1 : 1))
  const { text, ids, logprobs } = rollouts[0]
  expect(found).toMatchObject({ text, ids })
  expect(ids.length).toBeGreaterThan(0)
  expect(found.logprobs).toEqual(logprobs.map((value: number) => expect.closeTo(value, 6)))
  expect(Math.max(...logprobs)).toBeLessThanOrEqual(0)
  expect(found.types).toMatchObject({ step: 'Int64', text: 'String', temperature: 'Float64' })
})

test('TensorBoard shows the curves', async () => {
  const curves = read('tensorboard', await write('tensorboard'))
  const stored = query(
    folder,
    "select step, value from metrics where name = 'accuracy.deduction' order by step",
  ) as { step: number; value: number }[]
  expect(curves['accuracy/deduction'].map(([step]: [number]) => step)).toEqual(
    stored.map(row => row.step),
  )
  expect(curves['accuracy/deduction'][0][1]).toBeCloseTo(stored[0]?.value as number, 5)
  expect(Object.keys(curves).filter(tag => tag.startsWith('micro-easy/')).length).toBeGreaterThan(5)
  expect(curves['time/wall'].length).toBe(count('steps'))
})

test("hf is a folder that transformers loads, without the learner's own files", async () => {
  const [{ path }] = query(folder, 'select path from checkpoints where step = 2') as [
    { path: string },
  ]
  cpSync(join(root, 'models', 'micro'), join(folder, path), { recursive: true })
  writeFileSync(join(folder, path, 'trainer.pt'), 'optimiser')
  const place = await write('hf')
  expect(readdirSync(place)).not.toContain('trainer.pt')
  expect(JSON.parse(readFileSync(join(place, 'azr.json'), 'utf8'))).toMatchObject({
    run: 'stored',
    step: 2,
  })
  const { vocab_size } = JSON.parse(readFileSync(join(place, 'config.json'), 'utf8'))
  expect(read('hf', place)).toEqual({ vocabulary: vocab_size, tokens: expect.any(Number) })
})

test.each([
  [['--to', 'csv'], /--to parquet\|jsonl\|tensorboard\|hf/],
  [[], /--to parquet/],
  [['--to', 'jsonl', '--step', '1'], /Cannot use --step/],
  [['--to', 'hf', '--step', '9', '--out', '/tmp/azr-never'], /kept steps: 0.*azr fork/],
  [['--to', 'jsonl', '--out', root], /it is not empty/],
])('%j is refused, and nothing is written', async (flags, why) => {
  const { code, err } = await azr(['export', 'stored', ...flags], { home })
  expect(err).toMatch(why)
  expect(code).toBe(2)
  expect(existsSync('/tmp/azr-never')).toBe(false)
})
