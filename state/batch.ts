/** How writes travel to the writer: by table, each row as its values in the order of the columns. */
import { getTableColumns } from 'drizzle-orm'
import { type TableName, tables } from './schema/index.ts'
import type { Write } from './types.ts'

export type Batch = [table: TableName, rows: unknown[][]]

const numbered = new Set(['seq'])
const known = new Map<TableName, ReturnType<typeof listColumns>>()

function listColumns(name: TableName) {
  return Object.values(getTableColumns(tables[name])).filter(({ name: own }) => !numbered.has(own))
}

/** Columns of a table, without those that SQLite numbers itself. */
export function columnsOf(name: TableName) {
  const found = known.get(name) ?? listColumns(name)
  known.set(name, found)
  return found
}

/** Packed columns travel as ArrayBuffers: Deno is slow with typed arrays. */
const loose = (value: unknown) =>
  value instanceof Uint8Array ? new Uint8Array(value).buffer : (value ?? null)

/** Rows of one table stay in order; a transaction has none between tables. */
export function toBatches(writes: readonly Write[]): Batch[] {
  const batches = new Map<TableName, unknown[][]>()
  for (const { table, row } of writes) {
    const values = columnsOf(table).map(({ name }) => loose((row as Record<string, unknown>)[name]))
    const rows = batches.get(table)
    if (rows) rows.push(values)
    else batches.set(table, [values])
  }
  return [...batches]
}
