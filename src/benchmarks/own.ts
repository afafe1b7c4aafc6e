/** What the benchmarks that come with azr have beside what every benchmark has. No behaviour. */
import type { Sandbox } from '../../domain/execution.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Pair, Task } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'
import type { Benchmark, Item, Tools } from './benchmark.ts'
import type { References } from './references.ts'

/** A file of a download, with the size and the SHA-256 that it has to have. */
export type Pin = { url: string; size: number; sha256: string }

export type Source = {
  licence: string
  /** For people. */
  home: string
  /** Files that make it up; none: it comes with azr. */
  pins: Pin[]
  /** How its file is made where its home has no file of a fixed sum. */
  byHand?: string
  /**
   * Below the data folder. Unless `published` is given, `FOLDER.jsonl` is read there, or
   * `.jsonl.gz`.
   */
  folder: string
  /** Makes the text of that file from the published one. */
  convert?: (path: string) => string
  /** Files that are read as they are published. */
  published?: RegExp
}

/** What comes with azr. */
export const ours: Source = { licence: 'Apache-2.0', home: 'comes with azr', pins: [], folder: '' }

/** A task of a run: its program, its input and what that gave. */
export type Proposed = { id: string; text: string; input: string; output: string }

/** Ids of the items that a program does the work of; null where it did not come to its end. */
export type Search = (program: Proposed) => Promise<string[] | null>

/** Methods, as those of a benchmark. */
export type Comparison<I> = {
  /** Whether its items are programs, of which names can be blanked. */
  isCode: boolean
  textOf(item: I): string
  /** Input and output, where a task may ask the very same. */
  pairOf?(item: I): Pick<Proposed, 'input' | 'output'>
  /** Where items are a matter of programs: by what these do, not by their text. */
  behaviour?(items: readonly I[], sandbox: Sandbox, signal?: AbortSignal): Promise<Search>
}

export type OwnTools = Tools & { sandbox: Sandbox; references: References }

/** What a run keeps of an item, so as to know it again. */
export type Kept = {
  program: string
  pairs: Pick<Pair, 'input' | 'output'>[]
  /** What else makes it this item; only its hash is kept. */
  question: string
}

/** What a run makes use of where a benchmark has it. */
type Traits<I extends Item> = {
  source?: Source
  /** How long grading takes, as far as that is known before; else 0. */
  secondsOf?(item: I, tools: OwnTools): Promise<number>
  /** The item as a task of self-play, where a run judges it as it judges its own tasks. */
  taskOf?(item: I): Task
  /** Unless given: no program, and the prompt as the question. */
  kept?(item: I, dialect: Dialect): Kept
  /** The items of a run from what it kept, where that is all of them. */
  restore?(rows: readonly Row<'suite_items'>[]): I[]
}

/** Ours, or a user's. What ours throw is no wrong answer: the verdict is `ungraded`. */
export type AnyBenchmark<I extends Item = Item> = Benchmark<I> & Traits<I>

export type OwnBenchmark<I extends Item = Item> = AnyBenchmark<I> & {
  about: string
  /** What `azr eval --suite GROUP` stands for. */
  group: 'code' | 'math' | 'crux' | 'micro'
  source: Source
  /** How `azr contamination` looks for its items in a run. */
  comparison: Comparison<I>
}
