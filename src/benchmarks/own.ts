/** What the benchmarks have that come with azr, beside what every benchmark has. No behaviour. */
import type { Sandbox } from '../../domain/execution.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Pair, Task } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'
import type { Benchmark, Item, Tools } from './benchmark.ts'
import type { Comparison } from './contamination/comparison.ts'
import type { Source } from './fetch/source.ts'
import type { References } from './references.ts'

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
