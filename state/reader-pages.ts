/** Queries of the HTTP API and of commands that show runs: pages, by cursor. */

import type { Db } from './database.ts'
import { asc, desc, eq, gt, lte, sql } from './drizzle.ts'
import { corpusCounts } from './reader-corpus.ts'
import { createEvaluated } from './reader-evaluated.ts'
import { createFrontier } from './reader-frontier.ts'
import { createGame } from './reader-game.ts'
import { createHealth } from './reader-health.ts'
import { createItem } from './reader-item.ts'
import { createLearning } from './reader-learning.ts'
import { createNow } from './reader-now.ts'
import { createSearch } from './reader-search.ts'
import { createTime } from './reader-time.ts'
import { createTrace } from './reader-trace.ts'
import { type Row, tables } from './schema/index.ts'

const { steps, metrics, evaluations, run_events: events } = tables

/** Points of one name, or of names with one prefix. */
const mostPoints = 200_000

/** Curves: [step, value] by name; names may end in `*`. */
function createCurves(db: Db) {
  // Reads the points in index order, as plain values, because a long run has a hundred thousand of
  // them.
  const pointsOf = db.$client
    .prepare(
      `select name, step, value from metrics
       where name between ? and ? and step <= ? order by name, step limit ?`,
    )
    .raw()
  return (names: string[], until = Number.MAX_SAFE_INTEGER): Record<string, [number, number][]> => {
    const curves: Record<string, [number, number][]> = {}
    for (const name of names.length > 0 ? names : ['*']) {
      const isPrefix = name.endsWith('*')
      const first = isPrefix ? name.slice(0, -1) : name
      const last = isPrefix ? `${first}\u{10ffff}` : name
      const points = pointsOf.all(first, last, until, mostPoints) as [string, number, number][]
      for (const [name, step, value] of points) {
        if (!Number.isFinite(value)) continue
        curves[name] ??= []
        curves[name].push([step, value])
      }
    }
    return curves
  }
}

const stepReads = (db: Db) => ({
  steps: (after: number, limit: number): Row<'steps'>[] =>
    db
      .select()
      .from(steps)
      .where(gt(steps.step, after))
      .orderBy(asc(steps.step))
      .limit(limit)
      .all(),

  /** Sums over all finished steps, and the last of them. */
  totals: () =>
    db
      .select({
        steps: sql<number>`count(*)`,
        proposals: sql<number>`coalesce(sum(${steps.proposals}), 0)`,
        accepted: sql<number>`coalesce(sum(${steps.accepted}), 0)`,
        rollouts: sql<number>`coalesce(sum(${steps.rollouts}), 0)`,
        executions: sql<number>`coalesce(sum(${steps.executions}), 0)`,
        trained: sql<number>`coalesce(sum(${steps.trained}), 0)`,
        wall_ms: sql<number>`coalesce(sum(${steps.wall_ms}), 0)`,
        last_step: sql<number>`coalesce(max(${steps.step}), -1)`,
      })
      .from(steps)
      .get()!,

  /** The figures of one step, by name. */
  figures: (step: number): Record<string, number> =>
    Object.fromEntries(
      db
        .select({ name: metrics.name, value: metrics.value })
        .from(metrics)
        .where(eq(metrics.step, step))
        .all()
        .map(({ name, value }) => [name, value]),
    ),
})

export function createPages(db: Db) {
  const time = createTime(db)
  const learning = createLearning(db, time)
  const now = createNow(db)
  return {
    ...learning,
    ...createSearch(db),
    ...now,
    ...createFrontier(db),
    ...createGame(db),
    ...createHealth(db, learning.heldOut, time),
    ...createItem(db),
    ...createTrace(db, now, time),
    ...stepReads(db),
    metrics: createCurves(db),

    evaluations: (): Row<'evaluations'>[] =>
      db.select().from(evaluations).orderBy(asc(evaluations.step), asc(evaluations.suite)).all(),

    ...createEvaluated(db),

    /**
     * The end of each finished step, in ms since the epoch. Steps whose end is unknown are left
     * out.
     */
    times(until = Number.MAX_SAFE_INTEGER): [number, number][] {
      const done = db.select({ step: steps.step }).from(steps).where(lte(steps.step, until))
      return done
        .orderBy(asc(steps.step))
        .all()
        .flatMap(({ step }) => {
          const atMs = time.doneMs(step)
          return atMs === null ? [] : [[step, atMs]]
        })
    },

    corpusCounts: () => corpusCounts(db),

    events: (limit: number): Row<'run_events'>[] =>
      db.select().from(events).orderBy(desc(events.seq)).limit(limit).all(),
  }
}

export type Pages = ReturnType<typeof createPages>
export type PageName = keyof Pages
