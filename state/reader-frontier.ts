/**
 * Reads how hard tasks are, how answers are written and what programs did, over the steps. A long
 * run is sampled: a limited number of its steps, evenly, including the last. Finished steps never
 * change, so each is read once.
 */

import { findWorry, mannerChars, plansFirst } from '../domain/health/worry.ts'
import { formatStep } from '../domain/key.ts'
import type { Kind, Role } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, asc, eq, isNotNull, sql } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { executions, grades, rollouts, steps } = tables

const mostSteps = 60
const textsOfKind = 50
const mostWorries = 50
/** Success rates are shares of few answers: one bin for each of the paper's 0 to 8. */
export const bins = 9

export type Rates = { step: number; kind: Kind; counts: number[] }
export type Manner = { step: number; role: Role; kind: Kind; texts: number; planned: number }
export type Worry = { id: string; step: number; word: string; excerpt: string }
export type Outcomes = { step: number; outcome: string; count: number; cpu_ms: number }

function everySoOften(all: number[]): number[] {
  const stride = Math.max(1, Math.ceil(all.length / mostSteps))
  return all.filter((_, i) => (all.length - 1 - i) % stride === 0)
}

function ratesOf(db: Db, step: number): Rates[] {
  const bin = sql<number>`cast(round(${grades.success_rate} * ${bins - 1}) as integer)`
  const rows = db
    .select({ kind: grades.kind, bin, count: sql<number>`count(*)` })
    .from(grades)
    .where(and(eq(grades.step, step), eq(grades.role, 'proposer'), isNotNull(grades.success_rate)))
    .groupBy(grades.kind, bin)
    .all()
  return [...Map.groupBy(rows, ({ kind }) => kind)].map(([kind, group]) => {
    const counts = Array.from({ length: bins }, (_, i) => group.find(row => row.bin === i)?.count)
    return { step, kind, counts: counts.map(count => count ?? 0) }
  })
}

/**
 * A limited number per role and kind, spread evenly. Held-out answers are left out, as they may be
 * forced.
 */
function chosen(db: Db, step: number): string[] {
  const ids = db.$client
    .prepare(
      `select id from rollouts where id >= ? and id < ? and substr(id, 8, 9) <> 'evaluate.' order by id`,
    )
    .pluck()
    .all(`${formatStep(step)}.`, `${formatStep(step)}/`) as string[]
  const groups = Map.groupBy(ids, id => {
    const [, purpose, kind] = id.split('.')
    return `${purpose === 'seed' || purpose === 'propose'} ${kind}`
  })
  return [...groups.values()].flatMap(group => {
    const stride = Math.max(1, Math.ceil(group.length / textsOfKind))
    return group.filter((_, i) => i % stride === 0)
  })
}

function mannerOf(db: Db, step: number, words: string[]) {
  const { id, role, kind, text } = rollouts
  const rows = db
    .select({ id, role, kind, text: sql<string>`substr(${text}, 1, ${mannerChars})` })
    .from(sql`json_each(${JSON.stringify(chosen(db, step))}) as page`)
    .crossJoin(rollouts)
    .where(sql`${rollouts.id} = page.value`)
    .all()
  const groups = Map.groupBy(rows, row => `${row.role} ${row.kind}`)
  return {
    manners: [...groups.values()].map((group): Manner => {
      const { role, kind } = group[0] as (typeof rows)[number]
      const planned = group.filter(({ text }) => plansFirst(text)).length
      return { step, role, kind, texts: group.length, planned }
    }),
    worries: rows.flatMap(({ id, text }): Worry[] => {
      const found = findWorry(text, words)
      return found ? [{ id, step, ...found }] : []
    }),
  }
}

function outcomesOf(db: Db, step: number): Outcomes[] {
  return db
    .select({
      outcome: executions.outcome,
      count: sql<number>`count(*)`,
      cpu_ms: sql<number>`sum(${executions.cpu_ms})`,
    })
    .from(executions)
    .where(eq(executions.step, step))
    .groupBy(executions.outcome)
    .all()
    .map(row => ({ step, ...row }))
}

function once<Key, Value>(known: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = known.get(key) ?? make()
  known.set(key, found)
  return found
}

export function createFrontier(db: Db) {
  const rates = new Map<number, Rates[]>()
  const manners = new Map<string, { manners: Manner[]; worries: Worry[] }>()
  const outcomes = new Map<number, Outcomes[]>()

  const sampled = (): number[] =>
    everySoOften(
      db
        .select({ step: steps.step })
        .from(steps)
        .orderBy(asc(steps.step))
        .all()
        .map(({ step }) => step),
    )

  return {
    successRates: (): Rates[] =>
      sampled().flatMap(step => once(rates, step, () => ratesOf(db, step))),

    /** `words` are those that make a text worrying. */
    behaviour(words: string[], until = Number.MAX_SAFE_INTEGER) {
      const key = words.join('\n')
      const found = sampled()
        .filter(step => step <= until)
        .map(step => once(manners, `${step} ${key}`, () => mannerOf(db, step, words)))
      const worries = found.flatMap(each => each.worries)
      return {
        manners: found.flatMap(each => each.manners),
        worries: worries.slice(-mostWorries).reverse(),
        worried: worries.length,
      }
    },

    outcomes: (): Outcomes[] =>
      sampled().flatMap(step => once(outcomes, step, () => outcomesOf(db, step))),
  }
}
