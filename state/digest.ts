/**
 * Hashes the rows of a finished step, table by table, so that a byte that changes on disk is found
 * later. SQLite checks its structure but no values. The comparison is in check.ts.
 */
import { createHash } from 'node:crypto'
import type { Database } from 'better-sqlite3'
import { formatStep } from '../domain/key.ts'
import { getTableConfig } from './drizzle.ts'
import { givenTables, madeInOf, stepTables, type TableName, tables } from './schema/index.ts'

/** Characters that are hashed in one call. */
const gathered = 16_384

/** Selects the rows of a step, by table. `?` is the step or the prefix of its ids. */
const conditions: Partial<Record<TableName, string>> = {
  ...Object.fromEntries(stepTables.map(name => [name, `${madeInOf(name)} = ?`])),
  policies: 'version = ?',
  prompts: 'hash in (select prompt_hash from rollouts where step = ?)',
  task_references: "task_id between ? and ? || '~'",
  // Sealed with the run's first step.
  ...Object.fromEntries(givenTables.map(name => [name, '? = 0'])),
}
export const digested = Object.keys(conditions) as TableName[]

function keyOf(name: TableName): string {
  const { columns, primaryKeys } = getTableConfig(tables[name])
  const own = columns.filter(({ primary }) => primary)
  const keys = own.length > 0 ? own : (primaryKeys[0]?.columns ?? [])
  return keys.map(column => `"${column.name}"`).join(', ')
}

/** Writes each value with its type and length, so that different rows give different bytes. */
function createWriter() {
  const hash = createHash('sha256')
  // Gathers values, because a call of the hash costs more than their few bytes.
  let text = ''
  return {
    write(value: unknown): void {
      if (value instanceof Uint8Array) {
        hash.update(`${text}b${value.length}:`).update(value)
        text = ''
        return
      }
      const plain = String(value)
      text += `${value === null ? 'n' : typeof value}${Buffer.byteLength(plain)}:${plain}`
      if (text.length < gathered) return
      hash.update(text)
      text = ''
    },
    digest: () => hash.update(text).digest('hex').slice(0, 32),
  }
}

export type Digest = { step: number; table_name: TableName; rows: number; hash: string }

/** Reads the rows of a step and hashes them, every column. */
export function digestOf(client: Database, table_name: TableName, step: number): Digest {
  const where = conditions[table_name] as string
  const order = keyOf(table_name)
  const columns = getTableConfig(tables[table_name]).columns.map(({ name }) => `"${name}"`)
  const sql = `select ${columns} from "${table_name}" where ${where} order by ${order}`
  const writer = createWriter()
  let rows = 0
  const given = table_name === 'task_references' ? Array(2).fill(`${formatStep(step)}.`) : [step]
  for (const row of client
    .prepare(sql)
    .raw()
    .iterate(...given) as Iterable<unknown[]>) {
    for (const value of row) writer.write(value)
    rows += 1
  }
  return { step, table_name, rows, hash: writer.digest() }
}
