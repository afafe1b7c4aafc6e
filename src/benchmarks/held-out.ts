/**
 * The suites that a config names, opened: as a run has kept them, else the model's own, those that
 * come with azr, benchmarks. And the rows that a run keeps of them when it begins.
 */

import { UsageError } from '../../domain/errors.ts'
import { hashOf } from '../../domain/hash.ts'
import { dialects } from '../../domain/prompts/index.ts'
import { kinds, type Task } from '../../domain/task.ts'
import type { NewRow, Row } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import { openBenchmark } from './benchmark.ts'
import { readSuite, type Suite, toTask } from './micro/suites.ts'
import { isSuite, suiteSpecs } from './specs.ts'
import { promptOf, suiteOf } from './suite.ts'

export type KeptItems = readonly Row<'suite_items'>[]

export type Places = {
  /** The model's folder. */
  model: string
  /** Where benchmarks lie, unless the config says. */
  data: string
}

export const isBenchmark = (name: string) => isSuite(name) && suiteSpecs[name].family !== 'micro'

const namesOf = ({ evaluate: { suites, between } }: Config) => [
  ...new Set([...suites, ...between.suites]),
]

/** Items of each kind that are asked at most; null: all. */
function mostAsked({ evaluate: { suites, items, between } }: Config, name: string): number | null {
  const asked = [
    ...(suites.includes(name) ? [items] : []),
    ...(between.suites.includes(name) ? [between.items] : []),
  ]
  return asked.includes(null) ? null : Math.max(...(asked as number[]))
}

function rowOf(config: Config, suite: Suite, task: Task, item: number) {
  const { id, program } = task
  const pairs = task.pairs.map(({ input, output }) => ({ input, output }))
  // Of a benchmark the question: what judges the answer may be of any size.
  const question = suite.benchmark ? promptOf(suite, task, item, dialects[config.dialect]) : ''
  return { item, id, program, pairs, hash: hashOf([id, program, pairs, question]) }
}

/** What is asked under a config, as rows. */
export function itemRows(config: Config, suites: Map<string, Suite>): NewRow<'suite_items'>[] {
  return [...suites].flatMap(([name, suite]) =>
    kinds.flatMap(kind =>
      suite[kind]
        .slice(0, mostAsked(config, name) ?? undefined)
        .map((task, item) => ({ suite: name, kind, ...rowOf(config, suite, task, item) })),
    ),
  )
}

function suiteFrom(rows: KeptItems): Suite {
  const suite: Suite = { deduction: [], abduction: [], induction: [] }
  for (const { kind, id, program, pairs } of rows) {
    suite[kind].push(toTask({ id, kind, program, pairs }))
  }
  return suite
}

/** Items that were kept have to be those of the file: answers to others are no answers to these. */
function checkKept(config: Config, name: string, suite: Suite, kept: KeptItems): void {
  for (const { kind, item, id, hash } of kept) {
    const task = suite[kind][item]
    if (task && rowOf(config, suite, task, item).hash === hash) continue
    const cure = isBenchmark(name)
      ? `: \`azr data fetch ${name}\` brings the one it began with`
      : ''
    throw new UsageError(
      `Cannot use suite ${name} as its item ${id} is not the one that the run was asked${cure}`,
    )
  }
}

async function openSuite(config: Config, { model, data }: Places, name: string): Promise<Suite> {
  if (!isBenchmark(name)) return readSuite(model, name)
  if (config.dialect === 'micro' && !name.startsWith('cruxeval')) {
    throw new UsageError(
      `Cannot ask ${name} in the dialect micro, which has no words for it: use --dialect=r1`,
    )
  }
  const { since, until } = config.evaluate
  return suiteOf(await openBenchmark(name as never, { data, model, since, until }))
}

/**
 * `kept`: what a run has of them. `isAskedMore`: whether the config may ask for more than was kept,
 * as that of a fork; then the files are read, and held against what was kept.
 */
export async function openSuites(
  config: Config,
  places: Places,
  kept: KeptItems = [],
  isAskedMore = false,
): Promise<Map<string, Suite>> {
  const found = new Map<string, Suite>()
  for (const name of namesOf(config)) {
    const mine = kept.filter(({ suite }) => suite === name)
    const isWhole = mine.length > 0 && !isAskedMore && !isBenchmark(name)
    const data = config.evaluate.data ?? places.data
    const suite = isWhole ? suiteFrom(mine) : await openSuite(config, { ...places, data }, name)
    if (!isWhole) checkKept(config, name, suite, mine)
    found.set(name, suite)
  }
  return found
}
