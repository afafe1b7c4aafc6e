/** Reads proposals of earlier steps, for kinds whose proposals all fail. */
import type { Kind } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, desc, eq, gt, inArray, lt } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { grades, rollouts } = tables

export const recallReads = (db: Db) => ({
  /**
   * Proposals of a kind that became tasks before a step with a larger reward than this; newest
   * first.
   */
  recallable: (kind: Kind, beforeStep: number, reward: number, limit: number) =>
    db
      .select({ id: grades.id, reward: grades.reward, ids: rollouts.ids })
      .from(grades)
      .innerJoin(rollouts, eq(rollouts.id, grades.id))
      .where(
        and(
          eq(grades.role, 'proposer'),
          eq(grades.kind, kind),
          eq(grades.verdict, 'accepted'),
          lt(grades.step, beforeStep),
          gt(grades.reward, reward),
        ),
      )
      .orderBy(desc(grades.id))
      .limit(limit)
      .all()
      .map(row => ({ ...row, reward: row.reward as number })),

  rolloutsById: (ids: string[]) =>
    ids.length === 0 ? [] : db.select().from(rollouts).where(inArray(rollouts.id, ids)).all(),
})
