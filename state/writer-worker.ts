/**
 * The writer: the only connection that writes facts. It commits all waiting rows in one
 * transaction.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Statement } from 'better-sqlite3'
import { expose } from 'comlink'
import { formatStep } from '../domain/key.ts'
import { type Batch, unpackBatch } from './batch.ts'
import { columnsOf } from './columns.ts'
import { openForWriting } from './database.ts'
import { digested, digestOf } from './digest.ts'
import { portEndpoint } from './endpoint.ts'
import { madeInOf, stepTables, type TableName } from './schema/index.ts'

const { client } = openForWriting((workerData as { path: string }).path)

/** Tables whose equal rows are stored once. The first one wins. */
const shared = new Set<TableName>(['prompts'])
const statements = new Map<TableName, Statement>()

/** An insert of one row, given as values in the order of the table's columns. */
function inserter(name: TableName): Statement {
  const known = statements.get(name)
  if (known) return known
  const columns = columnsOf(name)
  const list = columns.map(column => `"${column.name}"`).join(', ')
  const marks = columns.map(() => '?').join(', ')
  const conflict = shared.has(name) ? 'or ignore ' : ''
  const insert = client.prepare(`insert ${conflict}into "${name}" (${list}) values (${marks})`)
  statements.set(name, insert)
  return insert
}

/** Seals a finished step: its rows do not change from now on. */
function seal(steps: unknown[][]): void {
  const at = columnsOf('steps').findIndex(({ name }) => name === 'step')
  const insert = inserter('digests')
  for (const row of steps) {
    for (const table of digested) {
      const found = digestOf(client, table, row[at] as number)
      insert.run(columnsOf('digests').map(({ name }) => found[name as keyof typeof found]))
    }
  }
}

const writeAll = client.transaction((batch: Batch) => {
  const all = unpackBatch(batch)
  for (const [table, rows] of all) {
    const insert = inserter(table)
    for (const row of rows) insert.run(row)
  }
  for (const [table, rows] of all) if (table === 'steps') seal(rows)
})

const deletable = ['steps', ...stepTables, 'checkpoints'] as const

const api = {
  /** Commits all of it, or nothing. */
  write(batch: Batch): void {
    try {
      writeAll(batch)
      // Frees the buffer at once: this thread makes little other garbage, so it would collect it
      // late.
      batch.packed.transfer(0)
    } catch (error) {
      // Threads pass on only an error's name and message.
      const { code, message } = error as { code?: string; message: string }
      if (code) (error as Error).message = `${code}: ${message}`
      throw error
    }
  },
  /** Deletes the rows of an unfinished step. Returns their number. */
  deleteStep(step: number): number {
    const prefix = `${formatStep(step)}.`
    return client.transaction(() => {
      const ancestry = client.prepare('delete from task_references where substr(task_id, 1, 7) = ?')
      const policy = client.prepare('delete from policies where version = ? and version > 0')
      const first = ancestry.run(prefix).changes + policy.run(step).changes
      const deleteFrom = (name: TableName) =>
        client.prepare(`delete from "${name}" where ${madeInOf(name)} = ?`).run(step).changes
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
