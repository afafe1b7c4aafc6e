/** Reads the alarms of a run, its troubles, and how far engine and learner agree. */

import { type Alarm, alarmsOf, type Curves, watchedOf } from '../domain/health/health.ts'
import type { Line } from '../domain/held-out.ts'
import type { Db } from './database.ts'
import { and, desc, gt, inArray, lte } from './drizzle.ts'
import type { createTime } from './reader-time.ts'
import { type Row, tables } from './schema/index.ts'

const { policies, run, run_events: events } = tables

const restarted = ['engine.restarted', 'learner.restarted']

/**
 * Alarms are about the present: they read this many last steps, and the first few for comparison.
 */
const recent = 200
const first = 10

/** Events that a healthy run does not have: restarts, redone work, broken checkpoints. */
const troubling = [
  ...restarted,
  'failed',
  'step.deleted',
  'parity.failed',
  'health.alarm',
  'update.redone',
  'health.acted',
  'checkpoint.broken',
]

type Time = ReturnType<typeof createTime>

/** The watched curves up to a step: their first points and their last ones. */
function createCurves(db: Db): (until: number) => Curves {
  const select = 'select step, value from metrics where name = ? and step <= ? order by step'
  const oldest = db.$client.prepare(`${select} limit ${first}`).raw()
  const newest = db.$client.prepare(`${select} desc limit ${recent}`).raw()
  // The run's row may be written after the reader opened.
  const kindNames = () => {
    const kinds = db.select({ kinds: run.kinds }).from(run).get()?.kinds ?? []
    return kinds.map(({ name }) => name)
  }
  return until => {
    const of = (name: string) => {
      const late = newest.all(name, until).toReversed() as [number, number][]
      const begun = late[0]?.[0] ?? 0
      const early = oldest.all(name, until) as [number, number][]
      return [...early.filter(([step]) => step < begun), ...late]
    }
    const all = watchedOf(kindNames()).map(name => [name, of(name)] as const)
    return Object.fromEntries(all.filter(([, points]) => points.length > 0))
  }
}

const eventReads = (db: Db, time: Time) => ({
  /** The newest first. */
  troubles: (limit: number, until = Number.MAX_SAFE_INTEGER): Row<'run_events'>[] =>
    db
      .select()
      .from(events)
      .where(and(inArray(events.event, troubling), lte(events.at_ms, time.endOf(until).at_ms)))
      .orderBy(desc(events.seq))
      .limit(limit)
      .all(),

  /** Restarts of engine and learner after a time, newest first. */
  restarts: (afterMs: number): Row<'run_events'>[] =>
    db
      .select()
      .from(events)
      .where(and(inArray(events.event, restarted), gt(events.at_ms, afterMs)))
      .orderBy(desc(events.seq))
      .limit(5)
      .all(),

  /** The reason of the failure, if the run ended with one. */
  failure(): string | null {
    const last = db.select().from(events).orderBy(desc(events.seq)).limit(1).get()
    if (last?.event !== 'failed') return null
    return (last.detail as { error?: string } | null)?.error ?? 'it did not say why'
  },
})

export function createHealth(db: Db, heldOut: () => { lines: Line[] }, time: Time) {
  const curves = createCurves(db)
  const counted = db.$client
    .prepare(
      `select substr(name, length(@what) + 2), cast(sum(value) as integer) from metrics
       where name between @what || '.' and @what || '.~' and step <= @until group by name`,
    )
    .raw()
  const sumsOf = (what: string, until: number): Record<string, number> =>
    Object.fromEntries(counted.all({ what, until }) as [string, number][])
  return {
    ...eventReads(db, time),

    /** The alarms as they stood after a step. */
    alarms(until: number): Alarm[] {
      const lines = heldOut().lines.map(line => {
        return { ...line, points: line.points.filter(({ step }) => step <= until) }
      })
      return alarmsOf(curves(until), lines)
    },

    /** The newest first, for policies up to a step. */
    parity: (limit: number, until = Number.MAX_SAFE_INTEGER): Row<'policies'>[] =>
      db
        .select()
        .from(policies)
        .where(lte(policies.version, until))
        .orderBy(desc(policies.version))
        .limit(limit)
        .all(),

    /** Sums of the sandbox's counts over finished steps: `restarts`, `outcome.raised`. */
    sandbox: (until: number) => sumsOf('sandbox', until),

    /** Sums of the engine's counts over finished steps: `prefix.asked`, `prefix.cached`. */
    engine: (until: number) => sumsOf('engine', until),
  }
}
