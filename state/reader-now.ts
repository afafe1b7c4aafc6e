/** Reads the progress of the current step, item by item. */

import { type Vitals, vitalsType } from '../domain/health/vitals.ts'
import type { Kind, Purpose } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, gt, lt, sql } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { evaluation_items: items, grades, messages, rollouts, steps } = tables

export type Progress = {
  step: number
  /** Completions by purpose and kind, with their verdicts so far. */
  work: { purpose: Purpose; kind: Kind; drafted: number; judged: number; good: number }[]
  proposals: { id: string; kind: Kind; verdict: string | null; success_rate: number | null }[]
}

const mostProposals = 600
/** A pulse comes every few seconds, so it is among the last messages or missing. */
const recentMessages = 5000

/** The progress of the current step, or of a finished one. */
function readProgress(db: Db, of?: number): Progress {
  const last = db.select({ step: steps.step }).from(steps).orderBy(desc(steps.step)).limit(1).get()
  const step = of ?? (last?.step ?? -1) + 1
  const work = db
    .select({
      purpose: rollouts.purpose,
      kind: rollouts.kind,
      drafted: sql<number>`count(*)`,
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
      id: rollouts.id,
      kind: rollouts.kind,
      verdict: grades.verdict,
      success_rate: grades.success_rate,
    })
    .from(rollouts)
    .leftJoin(grades, eq(grades.id, rollouts.id))
    .where(and(eq(rollouts.step, step), eq(rollouts.role, 'proposer')))
    .orderBy(asc(rollouts.id))
    .limit(mostProposals)
    .all()
  return { step, work, proposals }
}

export const createNow = (db: Db) => ({
  /** The newest pulse before a place in the trace, and its time. */
  vitals(before = Number.MAX_SAFE_INTEGER): { at_ms: number; taken: Vitals } | null {
    const end = sql`(select coalesce(max(seq), 0) from messages where seq < ${before})`
    const row = db
      .select({ at_ms: messages.at_ms, body: messages.body })
      .from(messages)
      .where(
        and(
          lt(messages.seq, before),
          gt(messages.seq, sql`${end} - ${recentMessages}`),
          eq(messages.type, vitalsType),
        ),
      )
      .orderBy(desc(messages.seq))
      .limit(1)
      .get()
    return row ? { at_ms: row.at_ms, taken: row.body as Vitals } : null
  },

  progress: (of?: number): Progress => readProgress(db, of),
})
