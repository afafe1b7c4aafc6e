/** The store as its users see it: a writer, a reader, and work that is done once. */
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

/** Tables whose rows are units of work, held in memory while their step goes on. */
export const memoTables = [
  'rollouts',
  'executions',
  'grades',
  'tasks',
  'updates',
  'evaluation_items',
] as const
export type MemoTable = (typeof memoTables)[number]

/** What an effect gives back: its row, and what is committed with it. */
export type Made<Name extends MemoTable> = { row: Row<Name>; also?: Write[] }

export type Store = {
  /** The run's folder, absolute. */
  folder: string
  /** Commits all of it in one transaction. */
  write: (writes: Write[]) => Promise<void>
  /** Writes with the next batch; nobody waits for it. */
  trace: (row: NewRow<'messages'>) => void
  /** What is on its way to the disk. */
  backlog: () => Backlog
  event: (event: string, detail?: unknown) => Promise<void>
  /**
   * Looks for the row first: there, it is returned; not there, the effect is done and committed
   * before this resolves. Equal keys in flight share one promise. A row that was made from another
   * input is a MemoMismatch.
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
  /** How many rows the current step has, with those that were forgotten. */
  count: (table: MemoTable) => number
  /**
   * Drops the rows of these answers to an item of a suite, which is graded: they are read no more.
   */
  forget: (ids: readonly string[]) => void
  /** Reads the rows of a step that was begun before; forgets those of the last one. */
  beginStep: (step: number) => Promise<void>
  deleteStep: (step: number) => Promise<number>
  read: AsyncReader
  /** Rejects when the writer dies; settles never otherwise. */
  gone: Promise<never>
  /** What is in flight is dropped; what was committed counts. */
  close: () => Promise<void>
}

export type AsyncReader = {
  [Name in keyof Reader]: Reader[Name] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<R>
    : never
}

/** A store of which only these are read. */
export type Reading<Name extends keyof AsyncReader> = { read: Pick<AsyncReader, Name> }
