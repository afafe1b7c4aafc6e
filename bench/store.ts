/**
 * How fast the store takes rollouts, what they take on disk, and how long its pages take over many.
 *
 *   npm run bench:store [-- --rollouts 2000000 --written 20000 --home DIR]
 *
 * Rollouts of 300 tokens and about 1,000 characters. Baseline of the writing, in the same process:
 * prepared inserts of the same bytes into the same table with its indexes, as many in a transaction.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openForReading, openForWriting } from '../state/database.ts'
import { describeRun, openRun } from '../state/open.ts'
import { createPages } from '../state/reader-pages.ts'
import type { NewRow, Write } from '../state/types.ts'
import { fill, inserterOf, valuesOf } from './store/fill.ts'
import { pageCalls } from './store/pages.ts'
import { rolloutRow } from './store/rows.ts'

const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '2000000' },
    written: { type: 'string', default: '20000' },
    home: { type: 'string' },
  },
})
const home = values.home ?? mkdtempSync(join(tmpdir(), 'azr-bench-'))
mkdirSync(home, { recursive: true })
const say = (line: string) => process.stdout.write(`${line}\n`)
const together = 128
const run: NewRow<'run'> = {
  ...{ name: 'written', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 },
}

/** Rows a second through the store, `together` in flight as in a step. */
async function throughStore(count: number): Promise<number> {
  const { store, release } = await openRun(home, 'written', run)
  const rows = Array.from({ length: count }, (_, n): Write => {
    return { table: 'rollouts', row: rolloutRow(n) }
  })
  await store.event('warm')
  const begun = performance.now()
  let next = 0
  const lane = async () => {
    while (next < count) await store.write([rows[next++] as Write])
  }
  await Promise.all(Array.from({ length: together }, lane))
  const ms = performance.now() - begun
  await release()
  return (count / ms) * 1000
}

function raw(count: number): number {
  const { client } = openForWriting(join(home, 'raw.db'))
  const insert = inserterOf(client, 'rollouts')
  const rows = Array.from({ length: count }, (_, n) => valuesOf('rollouts', rolloutRow(n)))
  const begun = performance.now()
  for (let at = 0; at < count; at += together) {
    client.transaction(() => {
      for (const row of rows.slice(at, at + together)) insert.run(row)
    })()
  }
  const ms = performance.now() - begun
  client.close()
  return (count / ms) * 1000
}

function quantile(times: number[], share: number): number {
  return (
    times.sort((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  )
}

function timePages(count: number): void {
  const folder = join(home, 'many')
  const begun = performance.now()
  describeRun(home, 'many')
  const { client, db } = openForReading(join(folder, 'run.db'))
  const pages = createPages(db)
  pages.steps(-1, 50)
  say(
    `opening a run of ${count} rollouts and its first page: ${(performance.now() - begun).toFixed(0)} ms`,
  )
  for (const [name, call] of pageCalls(pages, count)) {
    const times = Array.from({ length: 300 }, () => {
      const from = performance.now()
      call()
      return performance.now() - from
    })
    say(
      `  ${name.padEnd(34)} p50 ${quantile(times, 0.5).toFixed(1)} ms, p99 ${quantile(times, 0.99).toFixed(1)} ms`,
    )
  }
  client.close()
}

say(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
)
const written = Number(values.written)
const base = raw(written)
const ours = await throughStore(written)
const bytes = statSync(join(home, 'written', 'run.db')).size / written
say(
  `rollouts a second: ${ours.toFixed(0)}; raw prepared inserts: ${base.toFixed(0)}; ratio ${(ours / base).toFixed(2)}`,
)
say(`on disk, with text and indexes: ${bytes.toFixed(0)} bytes for a rollout`)
const many = Number(values.rollouts)
if (many > 0) {
  await fill(home, 'many', many)
  say(`${many} rollouts: ${(statSync(join(home, 'many', 'run.db')).size / 1e9).toFixed(2)} GB`)
  timePages(many)
}
if (!values.home) rmSync(home, { recursive: true })
