/**
 * Finds the best-scored of some steps, by the measure that the run names. The newest wins a tie.
 */

import type { Measure } from '../domain/best.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, inArray, sql } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { evaluations, metrics } = tables

type Found = { step: number; value: number }

export function createBest(db: Db) {
  function bySuites(among: number[], suites: string[], kind: string | null): Found | undefined {
    const { step, suite, mode, accuracy } = evaluations
    const value = sql<number>`avg(${accuracy})`
    const ofKind = kind === null ? [] : [eq(evaluations.kind, kind)]
    return db
      .select({ step, value })
      .from(evaluations)
      .where(and(inArray(step, among), inArray(suite, suites), eq(mode, 'greedy'), ...ofKind))
      .groupBy(step)
      .orderBy(desc(value), desc(step))
      .limit(1)
      .get()
  }
  function byCurve(among: number[], name: string, isLower: boolean): Found | undefined {
    const { step, value } = metrics
    return db
      .select({ step, value })
      .from(metrics)
      .where(and(inArray(step, among), eq(metrics.name, name)))
      .orderBy(isLower ? asc(value) : desc(value), desc(step))
      .limit(1)
      .get()
  }
  return {
    /** Null if none of them has the figure. */
    bestStep(among: number[], measure: Measure): Found | null {
      const found =
        measure.from === 'suites'
          ? bySuites(among, measure.suites, measure.kind)
          : byCurve(among, measure.name, measure.isLower)
      return found ?? null
    },
  }
}
