/**
 * Reads one table of a recorded run row by row, to compare its rows with derived ones. It compares
 * values as SQLite stores them.
 */
import type Database from 'better-sqlite3'
import { columnsOf } from './columns.ts'
import { getTableConfig } from './drizzle.ts'
import { isMeasured, madeInOf, type TableName, tables } from './schema/index.ts'
import type { Write } from './types.ts'

/**
 * The place where a derived row differs from the recorded one. `null` means that there is no row.
 */
export type Difference = {
  table: TableName
  /** The values of the row's key. */
  key: string
  /** The first column that differs; null if one side has no row. */
  column: string | null
  recorded: string | null
  replayed: string | null
}

type Values = Record<string, unknown>

/** Shows a column; packed numbers by their first few. */
function show(value: unknown): string {
  if (value instanceof Uint8Array)
    return `${value.length} bytes, ${Buffer.from(value).toString('hex', 0, 16)}…`
  return String(value)
}

const isSame = (a: unknown, b: unknown) =>
  a instanceof Uint8Array && b instanceof Uint8Array ? Buffer.compare(a, b) === 0 : a === b

function keyOf(name: TableName): string[] {
  const { columns, primaryKeys } = getTableConfig(tables[name])
  const own = columns.filter(({ primary }) => primary).map(column => column.name)
  return own.length > 0 ? own : primaryKeys.flatMap(key => key.columns.map(column => column.name))
}

export type RecordedRows = {
  /** Null if the row equals the recorded one, except for measured columns and `skipped`. */
  compare: (write: Write, skipped?: ReadonlySet<string>) => Difference | null
  has: (write: Write) => boolean
  count: (name: TableName, step: number) => number
}

export function createRecordedRows(client: Database.Database): RecordedRows {
  const statements = new Map<TableName, { key: string[]; get: Database.Statement }>()
  const statementOf = (name: TableName) => {
    const known = statements.get(name)
    if (known) return known
    const key = keyOf(name)
    const where = key.map(column => `"${column}" = ?`).join(' and ')
    const made = { key, get: client.prepare(`select * from "${name}" where ${where}`) }
    statements.set(name, made)
    return made
  }
  const find = ({ table, row }: Write) => {
    const { key, get } = statementOf(table)
    const values = key.map(column => (row as Values)[column])
    return { key: values.join(' '), found: get.get(...values) as Values | undefined }
  }
  return {
    compare(write, skipped = new Set()) {
      const { table, row } = write
      const { key, found } = find(write)
      if (!found) return { table, key, column: null, recorded: null, replayed: JSON.stringify(row) }
      for (const column of columnsOf(table)) {
        const { name } = column
        if (isMeasured(name) || skipped.has(name)) continue
        const value = (row as Values)[name] ?? null
        const made = value === null ? null : column.mapToDriverValue(value)
        if (isSame(made, found[name])) continue
        return { table, key, column: name, recorded: show(found[name]), replayed: show(made) }
      }
      return null
    },
    has: write => find(write).found !== undefined,
    count(name, step) {
      const sql = `select count(*) from "${name}" where ${madeInOf(name)} = ?`
      return client.prepare(sql).pluck().get(step) as number
    },
  }
}
