/** Reads what a run learned: held-out scores and their changes, and samples of its tasks. */

import { changesOf, type SuiteChange } from '../domain/change.ts'
import { type Line, linesOf, type Sheet } from '../domain/held-out.ts'
import { formatStep } from '../domain/key.ts'
import { sentenceOf } from '../domain/outcome.ts'
import { groupAnswers, type Sample } from '../domain/sample.ts'
import { suiteName } from '../domain/suite-name.ts'
import type { Kind } from '../domain/task.ts'
import { workedMs } from '../domain/worked.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, gte, isNotNull, lt, lte, sql } from './drizzle.ts'
import type { createTime } from './reader-time.ts'
import { tables } from './schema/index.ts'

const { evaluations, evaluation_items: items, grades, messages, metrics } = tables
const { rollouts, run, run_events: events, steps, tasks } = tables

const always = Number.MAX_SAFE_INTEGER

export type HeldOut = { lines: Line[]; changes: SuiteChange[] }

function readSheets(db: Db, step: number): Sheet[] {
  const { suite, kind, mode, item } = items
  const answers = sql<number>`sum(${items.verdict} <> 'ungraded')`
  const correct = sql<number>`sum(${items.verdict} = 'correct')`
  // The base's items may exist before their sum.
  const isSummed = and(
    eq(evaluations.suite, suite),
    eq(evaluations.step, items.step),
    eq(evaluations.kind, kind),
    eq(evaluations.mode, mode),
  )
  const rows = db
    .select({ suite, kind, mode, item, answers, correct })
    .from(items)
    .innerJoin(evaluations, isSummed)
    .where(eq(items.step, step))
    .groupBy(suite, kind, mode, item)
    .all()
  const groups = Map.groupBy(rows, row => `${row.suite}\n${row.kind}\n${row.mode}`)
  return [...groups.values()].map(group => {
    const { suite, kind, mode } = group[0] as (typeof rows)[number]
    return { step, suite, kind, mode, scores: group }
  })
}

/**
 * Scores of finished evaluations up to a step. Each is read once; the base's again when it is
 * complete.
 */
function createHeldOut(db: Db): (until?: number) => HeldOut {
  const known = new Map<string, Sheet[]>()
  const sheetsOf = (step: number, rows: number) => {
    const key = `${step} ${rows}`
    const sheets = known.get(key) ?? readSheets(db, step)
    known.set(key, sheets)
    return sheets
  }
  let made: (HeldOut & { rows: number }) | null = null
  return (until = always) => {
    const { step } = evaluations
    const counts = db.select({ step, rows: sql<number>`count(*)` }).from(evaluations)
    const scored = counts.groupBy(step).orderBy(asc(step)).all()
    const rows = scored.reduce((sum, one) => sum + one.rows, 0)
    if (until === always && made?.rows === rows) return made
    const wanted = scored.filter(one => one.step <= until)
    const all = wanted.flatMap(one => sheetsOf(one.step, one.rows))
    const found = { lines: linesOf(all), changes: changesOf(all) }
    if (until === always) made = { rows, ...found }
    return found
  }
}

/** The last sign of life before a time; null if there is none. */
function lastSign(db: Db, life: { at_ms: number }[], beforeMs: number): number | null {
  const { at_ms, seq } = messages
  const before = Number.isFinite(beforeMs) ? lt(at_ms, beforeMs) : undefined
  const last = db.select({ at_ms }).from(messages).where(before).orderBy(desc(seq)).limit(1).get()
  const told = life.findLast(event => event.at_ms < beforeMs)
  return Math.max(last?.at_ms ?? 0, told?.at_ms ?? 0) || null
}

/** The working time of the run, up to a time. */
function createWorked(db: Db): (endMs: number) => number {
  const seen = new Map<number, number | null>()
  return endMs => {
    const { at_ms, event, seq } = events
    const all = db.select({ at_ms, event }).from(events)
    const life = all.where(lte(at_ms, endMs)).orderBy(asc(seq)).all()
    return workedMs(life, beforeMs => {
      if (!Number.isFinite(beforeMs)) return Math.min(endMs, lastSign(db, life, beforeMs) ?? endMs)
      // The end of a killed session is looked up once, because it is deep in the trace.
      if (!seen.has(beforeMs)) seen.set(beforeMs, lastSign(db, life, beforeMs))
      return seen.get(beforeMs) ?? null
    })
  }
}

function answersOf(db: Db, hash: string, step: number) {
  const { text, purpose } = rollouts
  const { parsed, verdict } = grades
  const mine = [eq(rollouts.task_hash, hash), eq(rollouts.step, step)]
  return db
    .select({ text, purpose, parsed, verdict })
    .from(rollouts)
    .innerJoin(grades, eq(grades.id, rollouts.id))
    .where(and(...mine, eq(rollouts.role, 'solver')))
    .orderBy(asc(rollouts.id))
    .limit(64)
    .all()
}

/**
 * Tasks invented since a step, with their answers: those that are sometimes solved first, then the
 * newest.
 */
function samplesOf(db: Db, kind: Kind, since: number, limit: number): Sample[] {
  const rate = grades.success_rate
  const { id, step, program, pairs, message, hash, verdict } = tasks
  // Ids begin with the step, and follow kind and verdict in an index.
  const isRecent = gte(id, formatStep(since))
  const mine = [isRecent, eq(tasks.kind, kind), eq(verdict, 'accepted'), isNotNull(rate)]
  const found = db
    .select({ id, step, program, pairs, message, hash, success_rate: rate })
    .from(tasks)
    .innerJoin(grades, eq(grades.id, id))
    .where(and(...mine))
    .orderBy(desc(sql`${rate} > 0 and ${rate} < 1`), desc(id))
    .limit(limit)
    .all()
  return found.map(({ hash, program, success_rate, ...task }) => {
    const answers = answersOf(db, hash as string, task.step)
    const judged = answers.filter(
      ({ purpose, verdict }) => purpose === 'estimate' && verdict !== 'ungraded',
    )
    return {
      ...task,
      kind,
      program: program ?? '',
      success_rate: success_rate ?? 0,
      estimates: judged.length,
      answers: groupAnswers(answers),
    }
  })
}

export function createLearning(db: Db, time: ReturnType<typeof createTime>) {
  const heldOut = createHeldOut(db)
  const worked = createWorked(db)
  return {
    heldOut,

    /** The result of the run up to a step, in a sentence; null before the first step is done. */
    outcome(until = always): string | null {
      const { step } = steps
      const done = db.select({ step }).from(steps).where(lte(step, until))
      const last = done.orderBy(desc(step)).limit(1).get()?.step ?? 0
      if (last === 0) return null
      const config = db.select({ config: run.config }).from(run).get()?.config
      const { evaluate } = config as { evaluate?: { suites?: string[] } }
      const { changes } = heldOut(until)
      const suites = (evaluate?.suites ?? []).map(suiteName)
      return sentenceOf(changes, { steps: last, workedMs: worked(time.endOf(until).at_ms), suites })
    },

    /** Share of this kind's rated tasks that are sometimes solved: [step, share]. */
    learnable: (kind: Kind): [number, number][] =>
      db
        .select({ step: metrics.step, value: metrics.value })
        .from(metrics)
        .where(eq(metrics.name, `learnable.${kind}`))
        .orderBy(asc(metrics.step))
        .all()
        .map(({ step, value }) => [step, value]),

    samples: (kind: Kind, since: number, limit: number): Sample[] =>
      samplesOf(db, kind, since, limit),
  }
}
