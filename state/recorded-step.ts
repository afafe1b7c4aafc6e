/** The memoised rows of one step: those that were recorded, and those that came up again so far. */
import type { Reader } from './reader.ts'
import type { Row } from './schema/index.ts'
import { type MemoTable, memoTables } from './types.ts'

type Rows = { [Name in MemoTable]: Map<string, Row<Name>> }
const emptyRows = () => Object.fromEntries(memoTables.map(name => [name, new Map()])) as Rows

export type RecordedStep = {
  recorded: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  seen: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  begin: (step: number) => void
  /** A row that was recorded and did not come up. */
  missing: () => { table: MemoTable; id: string; row: unknown } | null
}

export function createRecordedStep(reader: Reader): RecordedStep {
  let recorded = emptyRows()
  let seen = emptyRows()
  return {
    recorded: table => recorded[table] as never,
    seen: table => seen[table] as never,
    begin(step) {
      const found = reader.stepRows(step)
      recorded = emptyRows()
      seen = emptyRows()
      for (const name of memoTables) {
        const rows = recorded[name] as Map<string, unknown>
        for (const row of found[name]) rows.set(row.id, row)
      }
    },
    missing() {
      for (const table of memoTables) {
        for (const [id, row] of recorded[table]) if (!seen[table].has(id)) return { table, id, row }
      }
      return null
    },
  }
}
