/**
 * Lists of tasks and rollouts by cursor, newest first, under filters. A question looks at no more
 * than a window of rows: where that was not enough, the cursor goes on behind it, so that a search
 * through a million texts is many short questions and never a long one.
 */
import { and, desc, eq, gte, isNull, lt, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { formatStep } from '../src/domain/key.ts'
import type { Kind, Purpose, Role } from '../src/domain/task.ts'
import type { Db } from './database.ts'
import { tokenCount } from './packing.ts'
import { type Row, tables } from './schema/index.ts'

const { tasks, rollouts, grades } = tables

/** Rows that one question looks at. */
const windowRows = 20_000
/** Characters of a text that a list shows. */
const shown = 4000

export type Span = {
  /** Of this step only. */
  step?: number
  /** Up to this step. */
  until?: number
  /** Newest first: only those before this id. */
  before?: string
  limit: number
}
export type TaskFilter = Span & {
  kind?: Kind
  verdict?: Row<'tasks'>['verdict']
  text?: string
}
export type RolloutFilter = Span & {
  role?: Role
  kind?: Kind
  purpose?: Purpose
  verdict?: string
  text?: string
}
export type Found<Item> = { items: Item[]; next: string | null }

/** Ids begin with their step, so that a step is a range of ids. */
function inSpan(id: SQLiteColumn, { step, until, before }: Span): SQL | undefined {
  const last = step ?? until
  return and(
    step === undefined ? undefined : gte(id, formatStep(step)),
    last === undefined ? undefined : lt(id, formatStep(last + 1)),
    before === undefined ? undefined : lt(id, before),
  )
}

/** Case does not matter; `%` and `_` stand for themselves. */
function holds(column: SQLiteColumn, text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return sql`${column} like ${pattern} escape '\\'`
}

export function createSearch(db: Db) {
  /** Ids of a span, newest first. */
  const newest = (table: typeof tasks | typeof rollouts, span: Span) =>
    db.select({ id: table.id }).from(table).where(inSpan(table.id, span)).orderBy(desc(table.id))

  /** Where to go on: after the last that was found, or else behind the window. */
  function nextOf(
    table: typeof tasks | typeof rollouts,
    span: Span,
    found: { id: string }[],
  ): string | null {
    if (found.length === span.limit) return found.at(-1)?.id ?? null
    const last = newest(table, span)
      .limit(1)
      .offset(windowRows - 1)
      .get()
    return last?.id ?? null
  }

  return {
    tasks(filter: TaskFilter) {
      const { kind, verdict, text, limit } = filter
      const window = newest(tasks, filter).limit(windowRows).as('window')
      const items = db
        .select({
          ...{ id: tasks.id, step: tasks.step, kind: tasks.kind, verdict: tasks.verdict },
          program: sql<string | null>`substr(${tasks.program}, 1, ${shown})`,
          message: sql<string>`substr(${tasks.message}, 1, ${shown})`,
          ...{ reason: tasks.reason, pairs: tasks.pairs, hash: tasks.hash },
          ...{ success_rate: grades.success_rate, reward: grades.reward },
        })
        .from(window)
        // A cross join keeps SQLite from turning the order of the loops, and with it of the rows.
        .crossJoin(tasks)
        .leftJoin(grades, eq(grades.id, tasks.id))
        .where(
          and(
            eq(tasks.id, window.id),
            kind ? eq(tasks.kind, kind) : undefined,
            verdict ? eq(tasks.verdict, verdict) : undefined,
            holds(tasks.program, text),
          ),
        )
        .limit(limit)
        .all()
      return { items: items.map(tame), next: nextOf(tasks, filter, items) }
    },

    rollouts(filter: RolloutFilter) {
      const { role, kind, purpose, verdict, text, limit } = filter
      const window = newest(rollouts, filter).limit(windowRows).as('window')
      const items = db
        .select({
          ...{ id: rollouts.id, step: rollouts.step, purpose: rollouts.purpose },
          ...{ role: rollouts.role, kind: rollouts.kind, task_hash: rollouts.task_hash },
          text: sql<string>`substr(${rollouts.text}, 1, ${shown})`,
          ids: rollouts.ids,
          ...{ finish_reason: rollouts.finish_reason, policy_version: rollouts.policy_version },
          ...{ verdict: grades.verdict, reason: grades.reason, reward: grades.reward },
        })
        .from(window)
        .crossJoin(rollouts)
        .leftJoin(grades, eq(grades.id, rollouts.id))
        .where(
          and(
            eq(rollouts.id, window.id),
            role ? eq(rollouts.role, role) : undefined,
            kind ? eq(rollouts.kind, kind) : undefined,
            purpose ? eq(rollouts.purpose, purpose) : undefined,
            verdict === 'none' ? isNull(grades.verdict) : undefined,
            verdict && verdict !== 'none' ? eq(grades.verdict, verdict) : undefined,
            holds(rollouts.text, text),
          ),
        )
        .limit(limit)
        .all()
      const counted = items.map(({ ids, ...row }) => ({ ...row, tokens: tokenCount(ids) }))
      return { items: counted, next: nextOf(rollouts, filter, items) }
    },
  }
}

/** Pairs are as long as texts may be. */
function tame<Task extends { pairs: Row<'tasks'>['pairs'] }>(task: Task): Task {
  const cut = (text: string) => text.slice(0, shown)
  const pairs = task.pairs.map(({ input, output, canonical }) => {
    return { input: cut(input), output: cut(output), canonical: cut(canonical) }
  })
  return { ...task, pairs }
}
