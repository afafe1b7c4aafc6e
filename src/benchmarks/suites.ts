/**
 * The suites that a config names, opened: a benchmark each, with its items as a run has kept them or
 * as they lie in its folder. And the rows that a run keeps of them when it begins.
 */
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { hashOf } from '../../domain/hash.ts'
import { builtInNames, inOrder } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import { suiteName } from '../../domain/suite-name.ts'
import type { Kind } from '../../domain/task.ts'
import type { NewRow, Row } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import type { Item } from './benchmark.ts'
import { findBenchmark } from './index.ts'
import { tasksBeside } from './micro/index.ts'
import type { AnyBenchmark, OwnBenchmark } from './own.ts'

/** What `evaluate.suites` names: a benchmark, with the items that are asked. */
export type Suite = {
  benchmark: AnyBenchmark
  items: readonly Item[]
  /** The same by the kind under which they are scored, in one order; rows name the place in it. */
  byKind: ReadonlyMap<Kind, readonly Item[]>
}

export type KeptItems = readonly Row<'suite_items'>[]

export type Places = {
  /** The model's folder. */
  model: string
  /** Where benchmarks lie, unless the config says: `NAME/NAME.jsonl`. */
  data: string
  since?: string | null | undefined
  until?: string | null | undefined
}

export function suiteOf(benchmark: AnyBenchmark, items: readonly Item[]): Suite {
  const found = Map.groupBy(items, ({ kind }) => kind ?? benchmark.kind ?? 'deduction')
  const ordered = inOrder([...builtInNames, ...found.keys()])
  const byKind = new Map(ordered.map(kind => [kind, found.get(kind) ?? []]))
  return { benchmark, items, byKind }
}

export const findSuite = (name: string): OwnBenchmark => findBenchmark(name) ?? tasksBeside(name)

/** With its items as they lie in its folder. */
export async function openBenchmark(benchmark: AnyBenchmark, places: Places): Promise<Suite> {
  const folder = join(places.data, benchmark.source?.folder ?? '')
  return suiteOf(benchmark, await benchmark.items({ ...places, folder }))
}

const namesOf = ({ evaluate: { suites, between } }: Config) => [
  ...new Set([...suites, ...between.suites]),
]

/** Items of each kind that are asked at most; null: all. */
function mostAsked({ evaluate: { suites, items, between } }: Config, name: string): number | null {
  const isNamed = (named: string) => suiteName(named) === name
  const asked = [
    ...(suites.some(isNamed) ? [items] : []),
    ...(between.suites.some(isNamed) ? [between.items] : []),
  ]
  return asked.includes(null) ? null : Math.max(...(asked as number[]))
}

/** Unless a benchmark says what is kept: the question. What judges the answer may be of any size. */
function keptOf(dialect: Dialect, benchmark: AnyBenchmark, item: Item) {
  const { program, pairs, question } = benchmark.kept?.(item, dialect) ?? {
    program: '',
    pairs: [{ input: '', output: '' }],
    question: benchmark.prompt(item, dialect),
  }
  const { id } = item
  return { id, program, pairs, hash: hashOf([id, program, pairs, question]) }
}

/** What is asked under a config, as rows. */
export function itemRows(
  config: Config,
  { suites, dialect }: { suites: Map<string, Suite>; dialect: Dialect },
): NewRow<'suite_items'>[] {
  return [...suites].flatMap(([suite, { benchmark, byKind }]) =>
    [...byKind].flatMap(([kind, items]) =>
      items.slice(0, mostAsked(config, suite) ?? undefined).map((found, item) => {
        return { suite, kind, item, ...keptOf(dialect, benchmark, found) }
      }),
    ),
  )
}

/** Items that were kept have to be those of the file: answers to others are no answers to these. */
function checkKept(dialect: Dialect, { benchmark, byKind }: Suite, kept: KeptItems): void {
  const { name, source } = benchmark
  for (const { kind, item, id, hash } of kept) {
    const found = byKind.get(kind)?.[item]
    if (found && keptOf(dialect, benchmark, found).hash === hash) continue
    const cure = source?.pins.length
      ? `: \`azr data fetch ${name}\` brings the one it began with`
      : ''
    throw new UsageError(
      'suite-changed',
      `Cannot use suite ${name} as its item ${id} has changed since the run began${cure}`,
    )
  }
}

export type Known = {
  dialect: Dialect
  /** Those that the run knows. */
  kinds: { names: readonly Kind[] }
  /** The user's, by how the config names them. */
  plugins: { benchmarks: ReadonlyMap<string, { value: AnyBenchmark }> }
  /** What a run has of its suites. */
  kept?: KeptItems | undefined
  /**
   * Whether the config may ask for more than was kept, as that of a fork; then the files are read, and
   * held against what was kept.
   */
  isAskedMore?: boolean | undefined
}

async function openSuite(
  { evaluate: { data, since, until } }: Config,
  places: Places,
  benchmark: AnyBenchmark,
  { dialect, kinds: { names } }: Known,
): Promise<Suite> {
  const { name, isInWords } = benchmark
  if (dialect.name === 'micro' && isInWords) {
    throw new UsageError(
      'dialect-unsuitable',
      `Cannot ask ${name} in the dialect micro, which has no prompt for it: use --dialect=r1`,
    )
  }
  const place = { ...places, data: data ?? places.data, since, until }
  const suite = await openBenchmark(benchmark, place)
  const other = [...suite.byKind.keys()].find(kind => !names.includes(kind))
  if (other === undefined) return suite
  throw new UsageError(
    'suite-unknown',
    `Cannot score ${name} under kind ${other}: there are ${names.join(', ')}`,
  )
}

/** By their names in rows. */
export async function openSuites(
  config: Config,
  places: Places,
  known: Known,
): Promise<Map<string, Suite>> {
  const { dialect, plugins, kept = [], isAskedMore = false } = known
  const found = new Map<string, Suite>()
  for (const named of namesOf(config)) {
    const benchmark = plugins.benchmarks.get(named)?.value ?? findSuite(named)
    if (found.has(benchmark.name)) {
      throw new UsageError(
        'name-taken-twice',
        `Cannot use two suites of the name ${benchmark.name}: rename one`,
      )
    }
    const mine = kept.filter(({ suite }) => suite === benchmark.name)
    const restored = mine.length > 0 && !isAskedMore ? benchmark.restore?.(mine) : undefined
    const suite = restored
      ? suiteOf(benchmark, restored)
      : await openSuite(config, places, benchmark, known)
    if (!restored) checkKept(dialect, suite, mine)
    found.set(benchmark.name, suite)
  }
  return found
}
