/** Rows of a run as others read them, one at a time: numbers unpacked, JSON and booleans as such. */
import type { Database } from 'better-sqlite3'
import { getTableColumns } from '../../../state/drizzle.ts'
import { type TableName, tables } from '../../../state/schema/index.ts'

/** The commands that others gave to the run are nobody's data. */
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

/** Bytes of int32 or float32, as they lie in memory, as numbers. */
export function numbersOf(column: string, bytes: Uint8Array): number[] {
  const { buffer } = new Uint8Array(bytes)
  return [...(column === 'ids' ? new Int32Array(buffer) : new Float32Array(buffer))]
}
