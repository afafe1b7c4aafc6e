/** The filters of lists of tasks and rollouts, as SQL and as groups of ids to skip. */

import type { Kind, Purpose, Role } from '../domain/task.ts'
import { and, eq, ne, type SQL, type SQLiteColumn, sql } from './drizzle.ts'
import type { Order, Sort } from './reader-ranked.ts'
import { type Row, tables } from './schema/index.ts'
import { tokens } from './views.ts'
import type { Span, Wanted } from './walk.ts'

const { rollouts, grades, evaluation_items: items } = tables

/** The lower and upper bound of a figure, both inclusive. */
export type Range = readonly [least: number | undefined, most: number | undefined]
type Ranges = { reward?: Range; successRate?: Range; length?: Range; advantage?: Range }
/** The default order is newest first. */
export type Ranked = Span & Ranges & { sort?: Sort | undefined; order?: Order | undefined }

export type Solved = 'never' | 'sometimes' | 'always'

export type TaskFilter = Ranked & {
  kind?: Kind
  /** `valid` means accepted or duplicate. */
  verdict?: Row<'tasks'>['verdict'] | 'valid'
  solved?: Solved
  text?: string
}
export type RolloutFilter = Ranked & {
  role?: Role
  kind?: Kind
  /** `self-play` means everything except held-out answers. */
  purpose?: Purpose | 'self-play'
  verdict?: string
  finish?: 'stop' | 'length'
  /** Whether its working or comments come before the code. */
  plans?: 'yes' | 'no'
  /** Held-out answers of this suite. */
  suite?: string
  text?: string
}

export const isRanked = ({ sort = 'step', order = 'desc' }: Ranked) =>
  sort !== 'step' || order !== 'desc'
export const hasRange = ({ reward, successRate, length, advantage }: Ranges) =>
  [reward, successRate, length, advantage].some(range => range?.some(bound => bound !== undefined))

/** The advantage in the update that trained on the rollout. */
export const advantage = sql<
  number | null
>`(select advantage from update_items where rollout_id = ${rollouts.id} limit 1)`
export const tokenCount = sql<number>`${sql.raw(tokens)}`

/** Ignores case. `%` and `_` have no special meaning. */
export function holds(column: SQLiteColumn, text: string | undefined): SQL | undefined {
  if (!text) return undefined
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  return sql`${column} like ${pattern} escape '\\'`
}

export const within = (figure: SQL | SQLiteColumn, [least, most]: Range = [undefined, undefined]) =>
  and(
    least === undefined ? undefined : sql`${figure} >= ${least}`,
    most === undefined ? undefined : sql`${figure} <= ${most}`,
  )

export function solvedAs(solved: Solved | undefined): SQL | undefined {
  const rate = grades.success_rate
  if (solved === undefined) return undefined
  if (solved === 'never') return sql`${rate} = 0`
  return solved === 'always' ? sql`${rate} = 1` : sql`${rate} > 0 and ${rate} < 1`
}

/**
 * Conditions on kind, purpose and suite. A walk by id reads these from the ids; a list by a figure
 * needs them as SQL.
 */
export function ofGroup({ kind, purpose, suite }: RolloutFilter): SQL | undefined {
  const ofPurpose =
    purpose === 'self-play'
      ? ne(rollouts.purpose, 'evaluate')
      : purpose && eq(rollouts.purpose, purpose)
  return and(
    kind ? eq(rollouts.kind, kind) : undefined,
    ofPurpose,
    suite ? eq(items.suite, suite) : undefined,
  )
}

const spanOf = ({ step, since, until, before, limit }: Ranked): Span => ({
  ...(step === undefined ? {} : { step }),
  ...(until === undefined ? {} : { until }),
  since,
  before,
  limit,
})

const isProposal = (purpose: string) => purpose === 'seed' || purpose === 'propose'

/** The kind in an id. In ids of evaluations it is one part of three. */
const kindOf = (part: string) => part.split(':').at(-2) ?? part
const suiteOf = (part: string) => part.split(':').slice(0, -2).join(':')

export function wantedRollouts(filter: RolloutFilter): Wanted {
  const { role, purpose, kind, suite } = filter
  const isOfIt = (found: string) =>
    purpose === 'self-play' ? found !== 'evaluate' : purpose === undefined || found === purpose
  const hasPurpose = (found: string) =>
    isOfIt(found) && (role === undefined || isProposal(found) === (role === 'proposer'))
  return {
    table: 'rollouts',
    span: spanOf(filter),
    ...(role || purpose ? { hasPurpose } : {}),
    ...(kind || suite
      ? {
          hasKind: (part: string) =>
            (!kind || kindOf(part) === kind) && (!suite || suiteOf(part) === suite),
        }
      : {}),
  }
}

export function wantedTasks(filter: TaskFilter): Wanted {
  const { kind, verdict } = filter
  return {
    table: 'tasks',
    span: spanOf(filter),
    equal: { ...(kind ? { kind } : {}), ...(verdict && verdict !== 'valid' ? { verdict } : {}) },
  }
}
