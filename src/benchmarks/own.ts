/** The additional types of built-in benchmarks. No behaviour. */
import type { Sandbox } from '../../domain/execution.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Pair, Task } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'
import type { Benchmark, Item, Tools } from './benchmark.ts'
import type { References } from './references.ts'

/** A file to download, with its size and SHA-256. */
export type Pin = { url: string; size: number; sha256: string }

export type Source = {
  licence: string
  /** The public home, for people. */
  home: string
  /** The files of the benchmark; none if it comes with azr. */
  pins: Pin[]
  /** How to make its file, if its home has no file with a fixed checksum. */
  byHand?: string
  /**
   * A folder below the data folder. `FOLDER.jsonl` or `.jsonl.gz` is read there, unless `published`
   * is set.
   */
  folder: string
  /** Makes the text of that file from the published one. */
  convert?: (path: string) => string
  /** Files that are read as published. */
  published?: RegExp
}

/** The source of suites that come with azr. */
export const ours: Source = { licence: 'Apache-2.0', home: 'comes with azr', pins: [], folder: '' }

/** A task of a run: its program, its input and its output. */
export type Proposed = { id: string; text: string; input: string; output: string }

/** Ids of the items that a program solves; null if it did not finish. */
export type Search = (program: Proposed) => Promise<string[] | null>

/** These are methods, like those of a benchmark. */
export type Comparison<I> = {
  /** Whether its items are programs, whose names can be replaced. */
  isCode: boolean
  textOf(item: I): string
  /** Input and output, if a task may ask exactly the same. */
  pairOf?(item: I): Pick<Proposed, 'input' | 'output'>
  /** Compares items by what their programs do, not by their text. */
  behaviour?(items: readonly I[], sandbox: Sandbox, signal?: AbortSignal): Promise<Search>
}

export type OwnTools = Tools & { sandbox: Sandbox; references: References }

/** The part of an item that a run stores, to recognise it again. */
export type Kept = {
  program: string
  pairs: Pick<Pair, 'input' | 'output'>[]
  /** The rest of its identity. Only its hash is stored. */
  question: string
}

/** Optional features of a benchmark that a run uses. */
type Traits<I extends Item> = {
  source?: Source
  /** The expected time of grading, if known; else 0. */
  secondsOf?(item: I, tools: OwnTools): Promise<number>
  /** The item as a task of self-play, if a run judges it like its own tasks. */
  taskOf?(item: I): Task
  /** Default: no program, and the prompt as the question. */
  kept?(item: I, dialect: Dialect): Kept
  /** Makes items from the stored rows, if these have everything. */
  restore?(rows: readonly Row<'suite_items'>[]): I[]
}

/** A built-in or a user's benchmark. If a built-in one throws, the verdict is `ungraded`. */
export type AnyBenchmark<I extends Item = Item> = Benchmark<I> & Traits<I>

export type OwnBenchmark<I extends Item = Item> = AnyBenchmark<I> & {
  about: string
  /** The group that `azr eval --suite GROUP` selects. */
  group: 'code' | 'math' | 'crux' | 'micro'
  source: Source
  /** How `azr contamination` looks for its items in a run. */
  comparison: Comparison<I>
}
