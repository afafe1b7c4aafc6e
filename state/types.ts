/** The interface of the store: a writer, a reader, and work that is done once. */
import type { Backlog } from '../domain/health/vitals.ts'
import type { Reader } from './reader.ts'
import type { NewRow, Row, TableName } from './schema/index.ts'

export type { NewRow, Row, TableName } from './schema/index.ts'
export type RolloutRow = Row<'rollouts'>
export type ExecutionRow = Row<'executions'>
export type GradeRow = Row<'grades'>
export type TaskRow = Row<'tasks'>
export type UpdateRow = Row<'updates'>
export type EvaluationItemRow = Row<'evaluation_items'>

export type Write = { [Name in TableName]: { table: Name; row: NewRow<Name> } }[TableName]

/** Tables whose rows are units of work. They are held in memory during their step. */
export const memoTables = [
  'rollouts',
  'executions',
  'grades',
  'tasks',
  'updates',
  'evaluation_items',
] as const
export type MemoTable = (typeof memoTables)[number]

/** The result of an effect: its row, and further rows to commit with it. */
export type Made<Name extends MemoTable> = { row: Row<Name>; also?: Write[] }

export type Store = {
  /** The run's folder, absolute. */
  folder: string
  /** Commits all of it in one transaction. */
  write: (writes: Write[]) => Promise<void>
  /** Writes with the next batch. It cannot be awaited. */
  trace: (row: NewRow<'messages'>) => void
  /** The rows that are not on disk yet. */
  backlog: () => Backlog
  event: (event: string, detail?: unknown) => Promise<void>
  /**
   * Looks the row up. If there is none, does the effect and commits its row before this resolves.
   * Equal keys in flight share one promise. Throws MemoMismatch if the row was made from another
   * input.
   */
  memo: <Name extends MemoTable>(
    table: Name,
    id: string,
    inputHash: string,
    effect: () => Promise<Made<Name>>,
  ) => Promise<Row<Name>>
  /** A row of the current step. */
  cached: <Name extends MemoTable>(table: Name, id: string) => Row<Name> | undefined
  /** All rows of the current step that are in memory, in id order. */
  rowsOf: <Name extends MemoTable>(table: Name) => Row<Name>[]
  /** The number of rows of the current step, including dropped ones. */
  count: (table: MemoTable) => number
  /** Drops the rows of these answers, whose item is graded. They are not read again. */
  forget: (ids: readonly string[]) => void
  /** Reads the rows of a step that began earlier, and forgets those of the last one. */
  beginStep: (step: number) => Promise<void>
  deleteStep: (step: number) => Promise<number>
  read: AsyncReader
  /** Rejects when the writer dies; otherwise never settles. */
  gone: Promise<never>
  /** Drops what is in flight. Committed rows stay. */
  close: () => Promise<void>
}

export type AsyncReader = {
  [Name in keyof Reader]: Reader[Name] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<R>
    : never
}

/** A store of which only these queries are used. */
export type Reading<Name extends keyof AsyncReader> = { read: Pick<AsyncReader, Name> }
