/** Reads rows of a run for export, one at a time: packed numbers, JSON and booleans are decoded. */
import type { Database } from 'better-sqlite3'
import { getTableColumns } from '../../../state/drizzle.ts'
import { type TableName, tables } from '../../../state/schema/index.ts'

/** Commands to the run are not exported, because they are not results. */
export const exportedTables = (Object.keys(tables) as TableName[]).filter(
  name => name !== 'commands',
)

export const columnsOf = (name: TableName) => Object.values(getTableColumns(tables[name]))

export type OutRow = Record<string, unknown>

export function* rowsOf(client: Database, name: TableName): Generator<OutRow> {
  const columns = columnsOf(name)
  for (const raw of client.prepare(`select * from "${name}"`).iterate()) {
    const row = raw as OutRow
    yield Object.fromEntries(
      columns.map(column => {
        const value = row[column.name]
        return [column.name, value === null ? null : column.mapFromDriverValue(value)]
      }),
    )
  }
}

/** The numbers in bytes of int32 or float32. */
export function numbersOf(column: string, bytes: Uint8Array): number[] {
  const { buffer } = new Uint8Array(bytes)
  return [...(column === 'ids' ? new Int32Array(buffer) : new Float32Array(buffer))]
}
