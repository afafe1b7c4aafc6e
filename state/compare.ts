/** Compares the facts of two runs: every column that is not measured, row by row. */
import { join } from 'node:path'
import { openForReading } from './database.ts'
import { getTableColumns } from './drizzle.ts'
import { factTables, isMeasured, tables } from './schema/index.ts'

export type Difference = { table: string; rows: [number, number]; first: [string, string] | null }

function factsOf(folder: string, name: (typeof factTables)[number]): string[] {
  const { client } = openForReading(join(folder, 'run.db'))
  try {
    const columns = Object.values(getTableColumns(tables[name]))
      .map(({ name: column }) => column)
      .filter(column => !isMeasured(column))
    const list = columns.map(column => `quote("${column}")`).join(" || ', ' || ")
    const rows = client.prepare(`select ${list} as row from "${name}"`).all() as { row: string }[]
    return rows.map(({ row }) => row).sort()
  } finally {
    client.close()
  }
}

/** The tables that differ, each with its first pair of differing rows. */
export function compareRuns(a: string, b: string): Difference[] {
  return factTables.flatMap(table => {
    const [left, right] = [factsOf(a, table), factsOf(b, table)]
    const at = left.findIndex((row, i) => row !== right[i])
    if (at < 0 && left.length === right.length) return []
    const where = at < 0 ? left.length : at
    const pair: [string, string] = [left[where] ?? 'nothing', right[where] ?? 'nothing']
    return [{ table, rows: [left.length, right.length], first: pair }]
  })
}
