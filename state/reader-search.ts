/**
 * Lists tasks and rollouts by cursor, newest first or by a figure, under filters. One query reads a
 * limited number of rows. If that is not enough, its cursor continues after them, so a search
 * through a million texts is many short queries. Lists show the beginning of a text; the page of a
 * row shows all of it.
 */

import { mannerChars, plansFirst } from '../domain/health/worry.ts'
import type { Role } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, eq, isNull, type SQL, type SQLiteColumn, sql } from './drizzle.ts'
import { createRank } from './reader-ranked.ts'
import { type Row, tables } from './schema/index.ts'
import {
  advantage,
  hasRange,
  holds,
  isRanked,
  ofGroup,
  type Ranked,
  type RolloutFilter,
  solvedAs,
  type TaskFilter,
  tokenCount,
  wantedRollouts,
  wantedTasks,
  within,
} from './search-filters.ts'
import { createWalk, type Walk, type Wanted } from './walk.ts'

export type { RolloutFilter, TaskFilter }

const { tasks, rollouts, grades, evaluation_items: items } = tables

/** Rows that one query reads; fewer if it has to read their texts. */
const windowRows = 2000
const windowTexts = 700
/** Rows that are read at a time while few match. */
const chunk = 500
/** Characters of a text that a list shows. */
const shown = 1000

export type Found<Item> = { items: Item[]; next: string | null }

const begin = (column: SQLiteColumn) => sql<string>`substr(${column}, 1, ${shown})`

/** The ids to read as a table. It is the outermost loop, so that rows keep their order. */
const listed = (ids: string[]) => sql`json_each(${JSON.stringify(ids)}) as page`

function walkOf(db: Db, wanted: Wanted, filter: Ranked & { role?: Role }): Walk {
  if (!isRanked(filter)) return createWalk(db.$client, wanted)
  const { table, span } = wanted
  const { sort = 'step', order = 'desc', role } = filter
  return createRank(db.$client, { table, span, sort, order, role })
}

/** Reads ids until enough match, or the window is used up. */
function search<Item extends { id: string }>(
  walk: Walk,
  { limit, rows, isFiltered }: { limit: number; rows: number; isFiltered: boolean },
  read: (ids: string[], limit: number) => Item[],
): Found<Item> {
  const items: Item[] = []
  for (let looked = 0; looked < rows && items.length < limit; ) {
    const missing = limit - items.length
    const ids = walk.next(isFiltered ? Math.min(chunk, rows - looked) : missing)
    if (ids.length === 0) break
    looked += ids.length
    items.push(...read(ids, missing))
  }
  const last = items.at(-1)
  return { items, next: last && items.length === limit ? walk.cursorOf(last.id) : walk.rest() }
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
  const { kind, text, solved, verdict, limit } = filter
  const isValid = verdict === 'valid' ? sql`${tasks.verdict} <> 'refused'` : undefined
  const isFiltered = Boolean(text || solved || isValid) || hasRange(filter) || isRanked(filter)
  const bounds = { limit, rows: text ? windowTexts : windowRows, isFiltered }
  return search(walkOf(db, wantedTasks(filter), filter), bounds, (ids, limit) =>
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
        and(
          sql`${tasks.id} = page.value`,
          kind ? eq(tasks.kind, kind) : undefined,
          isValid ?? (verdict ? eq(tasks.verdict, verdict as 'accepted') : undefined),
          solvedAs(solved),
          within(grades.success_rate, filter.successRate),
          within(grades.reward, filter.reward),
          holds(tasks.program, text),
        ),
      )
      .limit(limit)
      .all()
      .map(tame),
  )
}

function findRollouts(db: Db, filter: RolloutFilter) {
  const { role, verdict, finish, plans, text, limit } = filter
  const rows = text || plans ? windowTexts : windowRows
  const isFiltered =
    Boolean(verdict || finish || plans || text) || hasRange(filter) || isRanked(filter)
  const bounds = { limit, rows, isFiltered }
  const judged = sql<string | null>`coalesce(${grades.verdict}, ${items.verdict})`
  const beginning = sql<string>`substr(${rollouts.text}, 1, ${plans ? mannerChars : shown})`
  const hasManner = (text: string) => !plans || plansFirst(text) === (plans === 'yes')
  return search(walkOf(db, wantedRollouts(filter), filter), bounds, (ids, limit) =>
    db
      .select({
        id: rollouts.id,
        step: rollouts.step,
        purpose: rollouts.purpose,
        role: rollouts.role,
        kind: rollouts.kind,
        task_hash: rollouts.task_hash,
        text: beginning,
        tokens: tokenCount,
        advantage,
        success_rate: grades.success_rate,
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
          ofGroup(filter),
          within(grades.reward, filter.reward),
          within(grades.success_rate, filter.successRate),
          within(tokenCount, filter.length),
          within(advantage, filter.advantage),
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
