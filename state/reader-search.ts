/**
 * Lists tasks and rollouts by cursor, newest first, with filters. One query reads at most a window
 * of rows. If that is not enough, the cursor continues after it, so a search through a million
 * texts is many short queries. Lists show only the beginning of a text.
 */

import { plansFirst } from '../domain/health/worry.ts'
import type { Kind, Purpose, Role } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, eq, isNull, type SQL, type SQLiteColumn, sql } from './drizzle.ts'
import { type Row, tables } from './schema/index.ts'
import { tokens } from './views.ts'
import { createWalk, type Span, type Wanted } from './walk.ts'

const { tasks, rollouts, grades, evaluation_items: items } = tables

/** Rows that one query reads; fewer if it has to read their texts. */
const windowRows = 2000
const windowTexts = 700
/** Rows that are read at a time while few match. */
const chunk = 500
/** Characters of a text that a list shows. */
const shown = 1000
/** Characters that show whether a text begins with its plan (the same as in reader-frontier.ts). */
const manner = 4000

export type Solved = 'never' | 'sometimes' | 'always'

export type TaskFilter = Span & {
  kind?: Kind
  /** `valid` means accepted or duplicate. */
  verdict?: Row<'tasks'>['verdict'] | 'valid'
  solved?: Solved
  text?: string
}
export type RolloutFilter = Span & {
  role?: Role
  kind?: Kind
  /** `self-play` means all except held-out answers. */
  purpose?: Purpose | 'self-play'
  verdict?: string
  finish?: 'stop' | 'length'
  /** Whether its working or comments come before the code. */
  plans?: 'yes' | 'no'
  /** Only held-out answers of this suite. */
  suite?: string
  text?: string
}
export type Found<Item> = { items: Item[]; next: string | null }

/** Ignores case. `%` and `_` are ordinary characters. */
function holds(column: SQLiteColumn, text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return sql`${column} like ${pattern} escape '\\'`
}

const begin = (column: SQLiteColumn) => sql<string>`substr(${column}, 1, ${shown})`

/** The ids to read as a table. It is the outermost loop, so that rows keep their order. */
const listed = (ids: string[]) => sql`json_each(${JSON.stringify(ids)}) as page`

const isProposal = (purpose: string) => purpose === 'seed' || purpose === 'propose'

/** The kind in an id. In an evaluation's id it is one of three parts. */
const kindOf = (part: string) => part.split(':').at(-2) ?? part
const suiteOf = (part: string) => part.split(':').slice(0, -2).join(':')

function solvedAs(solved: Solved | undefined): SQL | undefined {
  const rate = grades.success_rate
  if (solved === undefined) return undefined
  if (solved === 'never') return sql`${rate} = 0`
  return solved === 'always' ? sql`${rate} = 1` : sql`${rate} > 0 and ${rate} < 1`
}

function wantedRollouts({ role, purpose, kind, suite, ...span }: RolloutFilter): Wanted {
  const isOfIt = (found: string) =>
    purpose === 'self-play' ? found !== 'evaluate' : purpose === undefined || found === purpose
  const hasPurpose = (found: string) =>
    isOfIt(found) && (role === undefined || isProposal(found) === (role === 'proposer'))
  return {
    table: 'rollouts',
    span,
    ...(role || purpose ? { hasPurpose } : {}),
    ...(kind || suite
      ? {
          hasKind: (part: string) =>
            (!kind || kindOf(part) === kind) && (!suite || suiteOf(part) === suite),
        }
      : {}),
  }
}

function wantedTasks({ kind, verdict, solved: _, ...span }: TaskFilter): Wanted {
  return {
    table: 'tasks',
    span,
    equal: { ...(kind ? { kind } : {}), ...(verdict && verdict !== 'valid' ? { verdict } : {}) },
  }
}

/** Reads ids until enough match, or the window is used up. */
function search<Item extends { id: string }>(
  db: Db,
  wanted: Wanted,
  { rows, isFiltered }: { rows: number; isFiltered: boolean },
  read: (ids: string[], limit: number) => Item[],
): Found<Item> {
  const { limit } = wanted.span
  const walk = createWalk(db.$client, wanted)
  const items: Item[] = []
  for (let looked = 0; looked < rows && items.length < limit; ) {
    const missing = limit - items.length
    const ids = walk.next(isFiltered ? Math.min(chunk, rows - looked) : missing)
    if (ids.length === 0) break
    looked += ids.length
    items.push(...read(ids, missing))
  }
  const last = items.length === limit ? items.at(-1)?.id : walk.rest()
  return { items, next: last ?? null }
}

/** Pairs can be as long as texts. */
function tame<Task extends { pairs: Row<'tasks'>['pairs'] }>(task: Task): Task {
  const cut = (text: string) => text.slice(0, shown)
  const pairs = task.pairs.map(({ input, output, canonical }) => {
    return { input: cut(input), output: cut(output), canonical: cut(canonical) }
  })
  return { ...task, pairs }
}

function findTasks(db: Db, filter: TaskFilter) {
  const { text, solved, verdict } = filter
  const isValid = verdict === 'valid' ? sql`${tasks.verdict} <> 'refused'` : undefined
  const isFiltered = Boolean(text || solved || isValid)
  const bounds = { rows: text ? windowTexts : windowRows, isFiltered }
  return search(db, wantedTasks(filter), bounds, (ids, limit) =>
    db
      .select({
        id: tasks.id,
        step: tasks.step,
        kind: tasks.kind,
        verdict: tasks.verdict,
        program: begin(tasks.program) as SQL<string | null>,
        message: begin(tasks.message),
        reason: tasks.reason,
        pairs: tasks.pairs,
        hash: tasks.hash,
        success_rate: grades.success_rate,
        reward: grades.reward,
      })
      .from(listed(ids))
      .crossJoin(tasks)
      .leftJoin(grades, eq(grades.id, tasks.id))
      .where(
        and(sql`${tasks.id} = page.value`, isValid, solvedAs(solved), holds(tasks.program, text)),
      )
      .limit(limit)
      .all()
      .map(tame),
  )
}

function findRollouts(db: Db, filter: RolloutFilter) {
  const { role, verdict, finish, plans, text } = filter
  const rows = text || plans ? windowTexts : windowRows
  const bounds = { rows, isFiltered: Boolean(verdict || finish || plans || text) }
  const judged = sql<string | null>`coalesce(${grades.verdict}, ${items.verdict})`
  const beginning = sql<string>`substr(${rollouts.text}, 1, ${plans ? manner : shown})`
  const hasManner = (text: string) => !plans || plansFirst(text) === (plans === 'yes')
  return search(db, wantedRollouts(filter), bounds, (ids, limit) =>
    db
      .select({
        id: rollouts.id,
        step: rollouts.step,
        purpose: rollouts.purpose,
        role: rollouts.role,
        kind: rollouts.kind,
        task_hash: rollouts.task_hash,
        text: beginning,
        tokens: sql<number>`${sql.raw(tokens)}`,
        finish_reason: rollouts.finish_reason,
        policy_version: rollouts.policy_version,
        verdict: judged,
        reason: grades.reason,
        reward: grades.reward,
      })
      .from(listed(ids))
      .crossJoin(rollouts)
      .leftJoin(grades, eq(grades.id, rollouts.id))
      .leftJoin(items, eq(items.id, rollouts.id))
      .where(
        and(
          sql`${rollouts.id} = page.value`,
          role ? eq(rollouts.role, role) : undefined,
          verdict === 'none' ? isNull(judged) : undefined,
          verdict && verdict !== 'none' ? eq(judged, verdict) : undefined,
          finish ? eq(rollouts.finish_reason, finish) : undefined,
          holds(rollouts.text, text),
        ),
      )
      .limit(plans ? ids.length : limit)
      .all()
      .filter(({ text }) => hasManner(text))
      .slice(0, limit)
      .map(row => ({ ...row, text: row.text.slice(0, shown) })),
  )
}

export const createSearch = (db: Db) => ({
  tasks: (filter: TaskFilter) => findTasks(db, filter),
  rollouts: (filter: RolloutFilter) => findRollouts(db, filter),
})
