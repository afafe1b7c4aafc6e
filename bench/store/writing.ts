/**
 * Writes rollouts into a database, by the store and by bare prepared inserts. Both get the same
 * rows and open their files in the same way: write-ahead log, synchronous = NORMAL, the table's
 * indexes.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { openForWriting } from '../../state/database.ts'
import { openRun } from '../../state/open.ts'
import type { NewRow, Write } from '../../state/types.ts'
import { inserterOf, valuesOf } from './fill.ts'
import { rolloutRow } from './rows.ts'

/** Writes in flight through the store, and rows per transaction of the baseline. */
export const together = 128

export type Rate = { perSecond: number; cpuMicros: number }

const run: NewRow<'run'> = {
  name: 'written',
  preset: 'x',
  seed: 1,
  config: {},
  versions: {},
  created_at_ms: 0,
}

async function timed(count: number, work: () => Promise<void>): Promise<Rate> {
  const [begun, before] = [performance.now(), process.cpuUsage()]
  await work()
  const ms = performance.now() - begun
  const { user, system } = process.cpuUsage(before)
  return { perSecond: (count / ms) * 1000, cpuMicros: (user + system) / count }
}

/** Each of `together` lanes writes a rollout and waits until it is committed, as in a step. */
export async function throughStore(home: string, name: string, count: number) {
  const { store, release } = await openRun(home, name, { ...run, name })
  const writes = Array.from({ length: count }, (_, n): [Write] => {
    return [{ table: 'rollouts', row: rolloutRow(n) }]
  })
  await store.event('warm')
  let next = 0
  const lane = async () => {
    for (let mine = writes[next++]; mine; mine = writes[next++]) await store.write(mine)
  }
  const rate = await timed(count, async () => {
    await Promise.all(Array.from({ length: together }, lane))
  })
  await release()
  return { ...rate, bytes: statSync(join(home, name, 'run.db')).size / count }
}

/** Its rows are prepared in SQLite's form. Only the store's time includes packing. */
export async function raw(home: string, name: string, count: number): Promise<Rate> {
  const { client } = openForWriting(join(home, `${name}.db`))
  const insert = inserterOf(client, 'rollouts')
  const rows = Array.from({ length: count }, (_, n) => valuesOf('rollouts', rolloutRow(n)))
  const insertSome = client.transaction((some: unknown[][]) => {
    for (const row of some) insert.run(row)
  })
  const rate = await timed(count, async () => {
    for (let at = 0; at < count; at += together) insertSome(rows.slice(at, at + together))
  })
  client.close()
  return rate
}
