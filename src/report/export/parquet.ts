/**
 * Exports a Parquet file for each table with hyparquet-writer, a group of rows at a time. Ids are
 * bytes of int32, log-probabilities of float32 (`numpy.frombuffer`); JSON stays text.
 */
import { join } from 'node:path'
import type { Database } from 'better-sqlite3'
import { fileWriter, parquetWriteRows } from 'hyparquet-writer'
import type { TableName } from '../../../state/schema/index.ts'
import { columnsOf, exportedTables, type OutRow, rowsOf } from './rows.ts'

type Column = ReturnType<typeof columnsOf>[number]
const rowGroupSize = 10_000

function typeOf(column: Column) {
  const type = column.getSQLType()
  if (column.dataType === 'boolean') return 'BOOLEAN'
  if (type === 'blob') return 'BYTE_ARRAY'
  if (type === 'integer') return 'INT64'
  return type === 'real' ? 'DOUBLE' : 'STRING'
}

function driven(type: string, value: unknown): unknown {
  if (value === null) return null
  if (type === 'INT64') return BigInt(value as number)
  return type === 'STRING' && typeof value !== 'string' ? JSON.stringify(value) : value
}

function* converted(
  client: Database,
  name: TableName,
  types: [string, string][],
): Generator<OutRow> {
  for (const row of rowsOf(client, name)) {
    yield Object.fromEntries(types.map(([column, type]) => [column, driven(type, row[column])]))
  }
}

export async function exportParquet(client: Database, folder: string): Promise<void> {
  for (const name of exportedTables) {
    const columns = columnsOf(name).map(
      column => ({ name: column.name, type: typeOf(column) }) as const,
    )
    const rows = converted(
      client,
      name,
      columns.map(column => [column.name, column.type]),
    )
    const writer = fileWriter(join(folder, `${name}.parquet`))
    await parquetWriteRows({ writer, rows, columns, rowGroupSize })
  }
}
