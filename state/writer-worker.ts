/** The writer: the only connection that writes facts. All that waits goes into one transaction. */
import { parentPort, workerData } from 'node:worker_threads'
import { expose } from 'comlink'
import { getTableColumns, sql } from 'drizzle-orm'
import { formatStep } from '../src/domain/key.ts'
import { openForWriting } from './database.ts'
import { portEndpoint } from './endpoint.ts'
import { type TableName, tables } from './schema/index.ts'
import type { Write } from './types.ts'

const { client, db } = openForWriting((workerData as { path: string }).path)

/** Tables whose equal rows are written once, whoever comes first. */
const shared = new Set<TableName>(['prompts'])
const statements = new Map<TableName, (row: Record<string, unknown>) => void>()

/** A prepared insert with every column as a placeholder. */
function inserter(name: TableName) {
  const known = statements.get(name)
  if (known) return known
  const table = tables[name]
  const columns = Object.keys(getTableColumns(table))
  const own = columns.filter(column => !(column === 'seq'))
  const values = Object.fromEntries(own.map(column => [column, sql.placeholder(column)]))
  const insert = db.insert(table).values(values as never)
  const prepared = (shared.has(name) ? insert.onConflictDoNothing() : insert).prepare()
  const empty = Object.fromEntries(own.map(column => [column, null]))
  const run = (row: Record<string, unknown>) => void prepared.run({ ...empty, ...row })
  statements.set(name, run)
  return run
}

const writeAll = client.transaction((writes: Write[]) => {
  for (const { table, row } of writes) inserter(table)(revive(row as Record<string, unknown>))
})

/** Packed columns travel as ArrayBuffers, which every runtime passes on quickly. */
function revive(row: Record<string, unknown>) {
  for (const name in row) {
    const value = row[name]
    if (value instanceof ArrayBuffer) row[name] = new Uint8Array(value)
  }
  return row
}

const deletable = [
  'steps',
  'tasks',
  'rollouts',
  'executions',
  'grades',
  'updates',
  'update_items',
  'evaluations',
  'evaluation_items',
  'metrics',
  'checkpoints',
] as const

const api = {
  /** Commits all of it, or nothing. */
  write: (writes: Write[]) => writeAll(writes),
  /** Deletes the rows of a step that is not finished; gives how many. */
  deleteStep(step: number): number {
    const prefix = `${formatStep(step)}.`
    return client.transaction(() => {
      const ancestry = client.prepare('delete from task_references where substr(task_id, 1, 7) = ?')
      const policy = client.prepare('delete from policies where version = ? and version > 0')
      const first = ancestry.run(prefix).changes + policy.run(step).changes
      const deleteFrom = (name: string) =>
        client.prepare(`delete from "${name}" where step = ?`).run(step).changes
      return deletable.reduce((sum, name) => sum + deleteFrom(name), first)
    })()
  },
  close() {
    client.pragma('wal_checkpoint(TRUNCATE)')
    client.close()
  },
}

export type Writer = typeof api

if (parentPort) expose(api, portEndpoint(parentPort))
