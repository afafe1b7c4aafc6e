/**
 * Memoises the work of a step: looks its row up, and does the work once if there is none. Rows of
 * self-play stay in memory during their step. Rows of a suite's item stay only until it is graded.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { MemoMismatch } from '../domain/errors.ts'
import { executionKey } from '../domain/key.ts'
import type { Row } from './schema/index.ts'
import { type Made, type MemoTable, memoTables, type Store, type Write } from './types.ts'

export type Rows = { [Name in MemoTable]: Row<Name>[] }
type Cache = { [Name in MemoTable]: Map<string, Row<Name>> }

const perTable = <T>(make: (name: MemoTable) => T) =>
  Object.fromEntries(memoTables.map(name => [name, make(name)]))
export const emptyCache = () => perTable(() => new Map()) as Cache
const zeros = () => perTable(() => 0) as Record<MemoTable, number>

export function putRows(cache: Cache, rows: Rows): void {
  for (const name of memoTables) {
    const mine = cache[name] as Map<string, unknown>
    for (const row of rows[name]) mine.set(row.id, row)
  }
}

/**
 * Removes the rows of an answer to an item, with its executions. Returns the tables that had them.
 */
export function dropAnswer(cache: Cache, id: string): MemoTable[] {
  const dropped: MemoTable[] = []
  const drop = (name: MemoTable, key: string) => {
    const isThere = cache[name].delete(key)
    if (isThere) dropped.push(name)
    return isThere
  }
  drop('rollouts', id)
  drop('evaluation_items', id)
  for (let run = 0; drop('executions', executionKey(id, run)); run++);
  return dropped
}

export const inIdOrder = <T extends { id: string }>(rows: Map<string, T>): T[] =>
  [...rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))

/** The rows of a step that are in memory, and the number of dropped ones. */
function createRows() {
  let cache = emptyCache()
  let forgotten = zeros()
  /** Items that an earlier process attempted, by the id of their first answer. */
  let attempted = new Set<string>()
  const cached: Store['cached'] = (table, id) => (cache[table] as Map<string, never>).get(id)
  return {
    cached,
    /** Whether an item's rows are in the store but not in memory. */
    isAway: (id: string) => attempted.has(id) && cached('rollouts', id) === undefined,
    put({ table, row }: Write): void {
      const mine = cache[table as MemoTable] as Map<string, unknown> | undefined
      mine?.set((row as { id: string }).id, row)
    },
    putAll: (rows: Rows) => putRows(cache, rows),
    rowsOf: (table => inIdOrder(cache[table] as Map<string, { id: string }>)) as Store['rowsOf'],
    count: (table: MemoTable) => cache[table].size + forgotten[table],
    forget(ids: readonly string[]): void {
      for (const id of ids) {
        attempted.delete(id)
        for (const table of dropAnswer(cache, id)) forgotten[table] += 1
      }
    },
    /** Begins or continues a step, with its existing rows and attempted items. */
    fill(rows: Rows, items: readonly string[]): void {
      cache = emptyCache()
      forgotten = zeros()
      attempted = new Set(items)
      putRows(cache, rows)
    },
  }
}

type StepRows = ReturnType<typeof createRows>

export type MemoPorts = {
  add: (writes: readonly Write[]) => Promise<void>
  /** Reads the rows of all answers to an item, by the id of the first. */
  recall: (id: string) => Promise<Rows>
}

/** Does missing work once, and commits it. */
function createWork(add: MemoPorts['add'], put: StepRows['put']) {
  const flying = new Map<string, Promise<unknown>>()
  const make = async <Name extends MemoTable>(
    table: Name,
    effect: () => Promise<Made<Name>>,
  ): Promise<Row<Name>> => {
    const { row, also = [] } = await effect()
    const writes = [{ table, row } as Write, ...also]
    await add(writes)
    for (const write of writes) put(write)
    return row
  }
  return <Name extends MemoTable>(table: Name, id: string, effect: () => Promise<Made<Name>>) => {
    const key = `${table}/${id}`
    const shared = flying.get(key) as Promise<Row<Name>> | undefined
    if (shared) return shared
    const made = make(table, effect).finally(() => flying.delete(key))
    flying.set(key, made)
    return made
  }
}

export function createMemo({ add, recall }: MemoPorts) {
  const { isAway, put, putAll, ...rows } = createRows()
  const work = createWork(add, put)
  let hits = 0
  const memo: Store['memo'] = async (table, id, inputHash, effect) => {
    if (isAway(id)) putAll(await recall(id))
    const found = rows.cached(table, id)
    if (!found) return work(table, id, effect)
    if (found.input_hash !== inputHash) {
      throw new MemoMismatch(
        'row-changed',
        `Cannot use ${table} row ${id} as it was made from another input: ` +
          `${found.input_hash} is stored, ${inputHash} is asked for`,
      )
    }
    hits += 1
    if (hits % 64 === 0) await nextTurn()
    return found
  }
  return { memo, ...rows }
}
