/** The columns of a table, in the order in which rows are sent and read. */
import { getTableColumns } from './drizzle.ts'
import { type TableName, tables } from './schema/index.ts'

const numbered = new Set(['seq'])
const known = new Map<TableName, ReturnType<typeof listColumns>>()

function listColumns(name: TableName) {
  return Object.values(getTableColumns(tables[name])).filter(({ name: own }) => !numbered.has(own))
}

/** The columns of a table, except those that SQLite numbers itself. */
export function columnsOf(name: TableName) {
  const found = known.get(name)
  if (found) return found
  const made = listColumns(name)
  known.set(name, made)
  return made
}
