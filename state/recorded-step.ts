/**
 * The memoised rows of one step: the recorded ones, and those that were derived so far. Rows of a
 * suite's item are held from its attempt until it is graded.
 */
import { executionKey } from '../domain/key.ts'
import { dropAnswer, emptyCache, putRows } from './memo.ts'
import type { Reader } from './reader.ts'
import type { Row } from './schema/index.ts'
import { type MemoTable, memoTables } from './types.ts'

type Missing = { table: MemoTable; id: string; row: unknown }

export type RecordedStep = {
  recorded: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  seen: <Name extends MemoTable>(table: Name) => Map<string, Row<Name>>
  begin: (step: number) => void
  /** Reads the rows of an item, by the id of its first answer, if it was attempted. */
  recall: (id: string) => void
  /** Drops the rows of these answers. Returns a recorded one that was not derived. */
  forget: (ids: readonly string[]) => Missing | null
  /** A recorded row that was not derived. */
  missing: () => Missing | null
  /** The number of derived rows. */
  count: (table: MemoTable) => number
}

export function createRecordedStep(reader: Reader): RecordedStep {
  let [recorded, seen] = [emptyCache(), emptyCache()]
  let attempted = new Set<string>()
  const forgotten = new Map<MemoTable, number>()

  function lost(table: MemoTable, id: string): Missing | null {
    const row = recorded[table].get(id)
    return row === undefined || seen[table].has(id) ? null : { table, id, row }
  }
  function lostOf(id: string): Missing | null {
    const own = lost('rollouts', id) ?? lost('evaluation_items', id)
    if (own) return own
    for (let run = 0; recorded.executions.has(executionKey(id, run)); run++) {
      const found = lost('executions', executionKey(id, run))
      if (found) return found
    }
    return null
  }
  return {
    recorded: table => recorded[table] as never,
    seen: table => seen[table] as never,
    begin(step) {
      recorded = emptyCache()
      seen = emptyCache()
      forgotten.clear()
      attempted = new Set(reader.attempted(step))
      putRows(recorded, reader.stepRows(step))
    },
    recall(id) {
      if (attempted.delete(id)) putRows(recorded, reader.itemRows(id))
    },
    forget(ids) {
      for (const id of ids) {
        const found = lostOf(id)
        if (found) return found
        dropAnswer(recorded, id)
        for (const table of dropAnswer(seen, id)) {
          forgotten.set(table, (forgotten.get(table) ?? 0) + 1)
        }
      }
      return null
    },
    missing() {
      for (const table of memoTables) {
        for (const id of recorded[table].keys()) {
          const found = lost(table, id)
          if (found) return found
        }
      }
      for (const id of attempted) {
        return { table: 'rollouts', id, row: reader.itemRows(id).rollouts[0] }
      }
      return null
    },
    count: table => seen[table].size + (forgotten.get(table) ?? 0),
  }
}
