/** What goes on in the step that is under way, item by item. */

import type { Kind, Purpose } from '../src/domain/task.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, sql } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { evaluation_items: items, grades, rollouts, steps } = tables

export type Progress = {
  step: number
  /** Completions of each purpose and kind, and how they were judged so far. */
  work: { purpose: Purpose; kind: Kind; drafted: number; judged: number; good: number }[]
  proposals: { id: string; kind: Kind; verdict: string | null; success_rate: number | null }[]
}

const mostProposals = 600

export function createNow(db: Db) {
  const count = sql<number>`count(*)`
  return {
    progress(): Progress {
      const last = db
        .select({ step: steps.step })
        .from(steps)
        .orderBy(desc(steps.step))
        .limit(1)
        .get()
      const step = (last?.step ?? -1) + 1
      const work = db
        .select({
          ...{ purpose: rollouts.purpose, kind: rollouts.kind, drafted: count },
          judged: sql<number>`count(coalesce(${grades.verdict}, ${items.verdict}))`,
          good: sql<number>`coalesce(sum(coalesce(${grades.verdict}, ${items.verdict}) in ('correct', 'accepted')), 0)`,
        })
        .from(rollouts)
        .leftJoin(grades, eq(grades.id, rollouts.id))
        .leftJoin(items, eq(items.id, rollouts.id))
        .where(eq(rollouts.step, step))
        .groupBy(rollouts.purpose, rollouts.kind)
        .all()
      const proposals = db
        .select({
          ...{ id: rollouts.id, kind: rollouts.kind },
          ...{ verdict: grades.verdict, success_rate: grades.success_rate },
        })
        .from(rollouts)
        .leftJoin(grades, eq(grades.id, rollouts.id))
        .where(and(eq(rollouts.step, step), eq(rollouts.role, 'proposer')))
        .orderBy(asc(rollouts.id))
        .limit(mostProposals)
        .all()
      return { step, work, proposals }
    },
  }
}
