/** What there is to worry about in a run's curves, and how far engine and learner agree. */

import { type Alarm, alarmsOf, type Curves, watched } from '../src/domain/health.ts'
import type { Line } from '../src/domain/held-out.ts'
import type { Db } from './database.ts'
import { and, asc, desc, inArray, lte } from './drizzle.ts'
import { type Row, tables } from './schema/index.ts'

const { metrics, policies, run_events: events } = tables

/** Alarms are about what is going on: so many of the last steps, and the first few for comparison. */
const recent = 200

export function createHealth(db: Db, heldOut: () => { lines: Line[] }) {
  function curves(until: number): Curves {
    const rows = db
      .select()
      .from(metrics)
      .where(and(inArray(metrics.name, watched), lte(metrics.step, until)))
      .orderBy(asc(metrics.step))
      .all()
    const groups = Map.groupBy(rows, ({ name }) => name)
    return Object.fromEntries(
      [...groups].map(([name, points]) => {
        const kept =
          points.length > recent + 10 ? [...points.slice(0, 10), ...points.slice(-recent)] : points
        return [name, kept.map(({ step, value }) => [step, value] as const)]
      }),
    )
  }

  return {
    /** As things stood after a step. */
    alarms(until: number): Alarm[] {
      const lines = heldOut().lines.map(line => {
        return { ...line, points: line.points.filter(({ step }) => step <= until) }
      })
      return alarmsOf(curves(until), lines)
    },

    /** The newest first. */
    parity: (limit: number): Row<'policies'>[] =>
      db.select().from(policies).orderBy(desc(policies.version)).limit(limit).all(),

    /** Restarts, redone work, failed gates: what does not happen in a run where all is well. */
    troubles: (limit: number): Row<'run_events'>[] =>
      db
        .select()
        .from(events)
        .where(
          inArray(events.event, [
            ...['engine.restarted', 'learner.restarted', 'failed', 'step.deleted', 'parity.failed'],
            ...['health.alarm', 'update.redone', 'health.acted'],
          ]),
        )
        .orderBy(desc(events.seq))
        .limit(limit)
        .all(),
  }
}
