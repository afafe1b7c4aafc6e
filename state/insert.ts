/** Inserts rows without drizzle's builder, which takes longer than SQLite itself. */
import type { Database } from 'better-sqlite3'
import { columnsOf } from './columns.ts'
import type { NewRow, TableName } from './schema/index.ts'

/** Rows whose key exists already stay unchanged. */
export function insertRows<Name extends TableName>(
  client: Database,
  table: Name,
  rows: readonly NewRow<Name>[],
): void {
  const columns = columnsOf(table)
  const names = columns.map(({ name }) => `"${name}"`).join(', ')
  const marks = columns.map(() => '?').join(', ')
  const insert = client.prepare(`insert or ignore into "${table}" (${names}) values (${marks})`)
  for (const row of rows) {
    const values = columns.map(column => {
      const value = (row as Record<string, unknown>)[column.name]
      return value === null || value === undefined ? null : column.mapToDriverValue(value)
    })
    insert.run(values)
  }
}
