/** The columns of a table, in the order in which its rows travel and are read. */
import { getTableColumns } from './drizzle.ts'
import { type TableName, tables } from './schema/index.ts'

const numbered = new Set(['seq'])
const known = new Map<TableName, ReturnType<typeof listColumns>>()

function listColumns(name: TableName) {
  return Object.values(getTableColumns(tables[name])).filter(({ name: own }) => !numbered.has(own))
}

/** Columns of a table, without those that SQLite numbers itself. */
export function columnsOf(name: TableName) {
  const found = known.get(name)
  if (found) return found
  const made = listColumns(name)
  known.set(name, made)
  return made
}
