/**
 * Opens the suites that a config names. Each is a benchmark with its items, from the run's rows or
 * from its folder. It also makes the rows that a run stores when it begins.
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

/** A suite in `evaluate.suites`: a benchmark, with its items. */
export type Suite = {
  benchmark: AnyBenchmark
  items: readonly Item[]
  /** The items by the kind under which they are scored, in order. Rows refer to positions in it. */
  byKind: ReadonlyMap<Kind, readonly Item[]>
}

export type KeptItems = readonly Row<'suite_items'>[]

export type Places = {
  /** The model's folder. */
  model: string
  /** The folder of benchmarks, unless the config names one: `NAME/NAME.jsonl`. */
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

/** Opens a benchmark with the items in its folder. */
export async function openBenchmark(benchmark: AnyBenchmark, places: Places): Promise<Suite> {
  const folder = join(places.data, benchmark.source?.folder ?? '')
  return suiteOf(benchmark, await benchmark.items({ ...places, folder }))
}

const namesOf = ({ evaluate: { suites, between } }: Config) => [
  ...new Set([...suites, ...between.suites]),
]

/** The largest number of items per kind; null means all. */
function mostAsked({ evaluate: { suites, items, between } }: Config, name: string): number | null {
  const isNamed = (named: string) => suiteName(named) === name
  const asked = [
    ...(suites.some(isNamed) ? [items] : []),
    ...(between.suites.some(isNamed) ? [between.items] : []),
  ]
  return asked.includes(null) ? null : Math.max(...(asked as number[]))
}

/** Stores the question, unless the benchmark says otherwise. The reference may be of any size. */
function keptOf(dialect: Dialect, benchmark: AnyBenchmark, item: Item) {
  const { program, pairs, question } = benchmark.kept?.(item, dialect) ?? {
    program: '',
    pairs: [{ input: '', output: '' }],
    question: benchmark.prompt(item, dialect),
  }
  const { id } = item
  return { id, program, pairs, hash: hashOf([id, program, pairs, question]) }
}

/** The items that a config asks, as rows. */
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

/**
 * The stored items have to equal those of the file, because old answers belong to the old items.
 */
function checkKept(dialect: Dialect, { benchmark, byKind }: Suite, kept: KeptItems): void {
  const { name, source } = benchmark
  for (const { kind, item, id, hash } of kept) {
    const found = byKind.get(kind)?.[item]
    if (found && keptOf(dialect, benchmark, found).hash === hash) continue
    const cure = source?.pins.length
      ? `: \`azr data fetch ${name}\` fetches the version that it began with`
      : ''
    throw new UsageError(
      'suite-changed',
      `Cannot use suite ${name} as its item ${id} has changed since the run began${cure}`,
    )
  }
}

export type Known = {
  dialect: Dialect
  /** The kinds that the run knows. */
  kinds: { names: readonly Kind[] }
  /** The user's benchmarks, by their name in the config. */
  plugins: { benchmarks: ReadonlyMap<string, { value: AnyBenchmark }> }
  /** The items that the run has stored. */
  kept?: KeptItems | undefined
  /**
   * Whether the config may ask for more than was stored, as in a fork. Then the files are read, and
   * compared with the stored items.
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

/** Opens them under their names in rows. */
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
