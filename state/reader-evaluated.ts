/** Reads the data by which two evaluations are compared, and the scores of a run over its steps. */

import { askedOf, type Evaluated, placeOf } from '../domain/comparable.ts'
import type { Db } from './database.ts'
import { and, asc, eq, inArray, sql } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { evaluations, evaluation_items: items, run, suite_items: suiteItems } = tables

/** Scores of one suite and mode by step: the mean over its kinds. */
export type Score = { suite: string; mode: string; points: [step: number, accuracy: number][] }

export function createEvaluated(db: Db) {
  const scoredSteps = (): number[] =>
    db
      .selectDistinct({ step: evaluations.step })
      .from(evaluations)
      .orderBy(asc(evaluations.step))
      .all()
      .map(({ step }) => step)

  return {
    scoredSteps,

    /** The evaluation after a step, item by item; null if none was finished there. */
    evaluated(step: number): Evaluated | null {
      if (!scoredSteps().includes(step)) return null
      const own = db.select().from(run).get()
      const questions = db.select().from(suiteItems).all()
      return {
        run: own?.name ?? '',
        step,
        items: db.select().from(items).where(eq(items.step, step)).orderBy(asc(items.id)).all(),
        questions: new Map(questions.map(row => [placeOf(row), row.hash])),
        asked: askedOf(own?.config, own?.versions ?? {}),
      }
    },

    /** Greedy and sampled scores at the steps that scored all kinds of a suite. */
    scores(): Score[] {
      const { suite, mode, step, kind, accuracy } = evaluations
      const rows = db
        .select({
          suite,
          mode,
          step,
          kinds: sql<number>`count(distinct ${kind})`,
          value: sql<number>`avg(${accuracy})`,
        })
        .from(evaluations)
        .where(and(inArray(mode, ['greedy', 'sampled'])))
        .groupBy(suite, mode, step)
        .orderBy(asc(step))
        .all()
      return [...Map.groupBy(rows, row => `${row.suite}\n${row.mode}`).values()].map(group => {
        const { suite, mode } = group[0] as (typeof rows)[number]
        const most = Math.max(...group.map(({ kinds }) => kinds))
        const whole = group.filter(({ kinds }) => kinds === most)
        return { suite, mode, points: whole.map(({ step, value }) => [step, value]) }
      })
    },
  }
}
