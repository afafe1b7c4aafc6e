/** Lists of a run's rows: every matching row is found, once, newest first, and with an index. */
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { stepMetrics } from '../../domain/metrics.ts'
import { openForWriting } from '../../state/database.ts'
import { createPages, type Pages } from '../../state/reader-pages.ts'
import type { RolloutFilter, TaskFilter } from '../../state/reader-search.ts'
import { tables } from '../../state/schema/index.ts'
import { queryOf } from '../../web/src/links.ts'
import { temporary } from '../temporary.ts'
import { insert, type Made, ofProposals, purposes, rows, verdicts } from './list-rows.ts'
import { walk } from './walk.ts'

const home = temporary('lists')

let pages: Pages
let close: () => void
let insertStep: (step: number) => void
beforeAll(() => {
  const { client, db } = openForWriting(join(home, 'lists.db'))
  client.transaction(() => insert(db))()
  const counts = { proposals: 1, accepted: 1, rollouts: 1, executions: 1, trained: 1 }
  const times = { wall_ms: 1, rolling_ms: 1, learner_ms: 1, evaluate_ms: 1, own_cpu_ms: 1 }
  insertStep = step =>
    db
      .insert(tables.steps)
      .values({ step, policy_version: step, ...counts, ...times })
      .run()
  pages = createPages(db)
  close = () => client.close()
})
afterAll(() => close())

const maybe = <T>(...values: T[]) => fc.constantFrom(undefined, ...values)
/** The figures by which lists are filtered and ordered, computed from a made row. */
const figures = {
  reward: (row: Made) => row.reward,
  successRate: (row: Made) => (row.role === 'proposer' && row.verdict !== 'none' ? row.rate : null),
  length: (row: Made) => row.tokens,
  advantage: (row: Made) => row.advantage,
  step: (row: Made) => row.step,
}
type Figure = keyof typeof figures
const range = fc.tuple(maybe(-1, 0.25, 1), maybe(0.25, 1, 3))
const ordering = {
  sort: maybe<Figure>('reward', 'successRate', 'length', 'advantage', 'step'),
  order: maybe('asc' as const, 'desc' as const),
}

/** The rows that have the figure, in its order; equal ones in the order of their ids. */
function inOrder(
  found: Made[],
  {
    sort = 'step',
    order = 'desc',
  }: { sort?: Figure | undefined; order?: 'asc' | 'desc' | undefined },
) {
  const value = (row: Made) => figures[sort](row) ?? 0
  const sign = order === 'asc' ? 1 : -1
  return found
    .filter(row => figures[sort](row) !== null)
    .toSorted((a, b) => sign * (value(a) - value(b) || (a.id < b.id ? -1 : 1)))
    .map(({ id }) => id)
}
type Bounds = readonly [number | undefined, number | undefined] | undefined
const isWithin = (value: number | null, bounds: Bounds) => {
  const [least, most] = bounds ?? []
  if (least === undefined && most === undefined) return true
  return value !== null && value >= (least ?? -Infinity) && value <= (most ?? Infinity)
}

const span = {
  step: maybe(0, 1, 2, 3),
  since: maybe(1, 2),
  until: maybe(0, 1, 2),
  limit: fc.constantFrom(1, 3, 7, 500),
  kind: maybe(...kinds),
  text: maybe('text 1', '50%_', '50__'),
}
type Common = Pick<RolloutFilter, 'step' | 'since' | 'until' | 'kind' | 'text'>
const isIn = (row: Made, { step, since, until, kind, text }: Common) =>
  (step === undefined || row.step === step) &&
  (step !== undefined || since === undefined || row.step >= since) &&
  (step !== undefined || until === undefined || row.step <= until) &&
  (!kind || row.kind === kind) &&
  (!text || row.text.toLowerCase().includes(text))
const clean = <T extends object>(filter: T) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as T

test('rollouts: each match is found once and in order, under any filters', () => {
  const filters = fc.record({
    ...span,
    role: maybe('proposer', 'solver'),
    purpose: maybe(...purposes, 'self-play'),
    verdict: maybe(...verdicts),
    finish: maybe('stop', 'length'),
    plans: maybe('yes', 'no'),
    suite: maybe('easy0', 'easy1', 'nowhere'),
    reward: range,
    length: range,
    advantage: range,
    ...ordering,
  })
  fc.assert(
    fc.property(filters, filter => {
      const { role, purpose, verdict, finish, plans, suite } = filter
      const fits = rows.filter(
        row =>
          isIn(row, filter) &&
          (!role || row.role === role) &&
          (!purpose ||
            (purpose === 'self-play' ? row.purpose !== 'evaluate' : row.purpose === purpose)) &&
          (!finish || row.finish_reason === finish) &&
          (!plans || row.text.startsWith('#') === (plans === 'yes')) &&
          (!suite || row.suite === suite) &&
          isWithin(figures.reward(row), filter.reward) &&
          isWithin(figures.length(row), filter.length) &&
          isWithin(figures.advantage(row), filter.advantage) &&
          (!verdict || (row.suite === null ? row.verdict : 'wrong') === verdict),
      )
      const found = walk(before => pages.rollouts(clean({ ...filter, before }) as RolloutFilter))
      expect(found).toEqual(inOrder(fits, filter))
    }),
  )
})

test('tasks: each match is found once and in order, under any filters', () => {
  const solved = maybe('never', 'sometimes', 'always')
  const filters = fc.record({
    ...span,
    verdict: maybe(...ofProposals, 'valid'),
    solved,
    successRate: range,
    sort: maybe<Figure>('reward', 'successRate', 'step'),
    order: ordering.order,
  })
  const ways: Record<string, number[]> = { never: [0], sometimes: [0.5], always: [1] }
  fc.assert(
    fc.property(filters, filter => {
      const { verdict, solved } = filter
      const fits = rows.filter(
        row =>
          row.role === 'proposer' &&
          isIn(row, filter) &&
          (!solved || ways[solved]?.includes(row.rate)) &&
          isWithin(figures.successRate(row), filter.successRate) &&
          (!verdict || (verdict === 'valid' ? row.verdict !== 'refused' : row.verdict === verdict)),
      )
      const found = walk(before => pages.tasks(clean({ ...filter, before }) as TaskFilter))
      expect(found).toEqual(inOrder(fits, filter))
    }),
  )
})

test('a curve links to the rows that it counted, and to no others', () => {
  const step = 1
  const counted = rows
    .filter(row => row.step === step && row.purpose !== 'evaluate')
    .map(({ finish_reason: finishReason, rate, ...row }) => {
      const successRate = row.role === 'proposer' ? rate : null
      return { ...row, successRate, finishReason, reward: null, tokens: 1 }
    })
  const curves = stepMetrics(counted, kinds)
  const solver = ['accuracy', 'truncated.solver']
  for (const name of [...solver, 'truncated.proposer', 'valid', 'duplicates', 'learnable']) {
    const role = solver.includes(name) ? 'solver' : 'proposer'
    for (const kind of kinds) {
      const { list, ...query } = queryOf(`${name}.${kind}`, kinds)
      const filter = { ...query, step, limit: 500 } as RolloutFilter & TaskFilter
      const { items } = list === 'rollouts' ? pages.rollouts(filter) : pages.tasks(filter)
      const all = counted.filter(row => row.role === role && row.kind === kind)
      expect(items.length / all.length, `${name}.${kind}`).toBe(curves[`${name}.${kind}`])
    }
  }
  const { list: _, ...query } = queryOf('length.solver.deduction', kinds)
  const { items } = pages.rollouts({ ...query, step, limit: 500 } as RolloutFilter)
  const mine = counted.filter(({ role, kind }) => role === 'solver' && kind === 'deduction')
  expect(items.map(({ id }) => id).toSorted()).toEqual(mine.map(({ id }) => id).toSorted())
})

test('the manner of texts is reported for every role and kind, even if one has many more texts', () => {
  const { manners } = pages.behaviour(['nowhere'])
  // None of these steps is finished yet.
  expect(manners).toEqual([])
  for (const step of [0, 1, 2]) insertStep(step)
  const found = pages.behaviour(['text 3']).manners.filter(({ step }) => step === 2)
  expect(found.map(({ role, kind }) => `${role} ${kind}`).toSorted()).toEqual(
    (['proposer', 'solver'] as const)
      .flatMap(role => kinds.map(kind => `${role} ${kind}`))
      .toSorted(),
  )
  // Two purposes are not held-out answers, and one text in four begins with a plan.
  expect(found.map(({ texts, planned }) => [texts, planned])).toEqual(Array(6).fill([8, 2]))
  expect(pages.behaviour(['text 3']).worried).toBe(3 * 4 * 3)
})
