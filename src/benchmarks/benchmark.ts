/**
 * What a benchmark is: a named collection of items with its own source, reading, prompt and
 * grading. `azr/benchmark` for those who write one (docs/how-to/add-a-benchmark.md). Not here: what
 * only ours have (own.ts), and which these are (index.ts).
 */
import type { Execution, Limits, Literal, Sandbox } from '../../domain/execution.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Kind } from '../../domain/task.ts'
import type { ProfileName } from '../../sandbox/profiles.ts'
import type { Grade, GradeVerdict } from './grade.ts'

export type { Dialect, Execution, Grade, GradeVerdict, Kind, Limits, Literal }

/** One question: beside its id it has whatever its benchmark asks and grades by. */
export type Item = {
  id: string
  /** Under which it is scored, where that is not its benchmark's kind. */
  kind?: Kind
}

/** Where items are read, and which of them. */
export type Place = {
  /** The folder of the benchmark's data; of a plug-in the one in which its file lies. */
  folder: string
  /** The model's folder. */
  model: string
  /** Days of the contests, both included: LiveCodeBench only. */
  since?: string | null | undefined
  until?: string | null | undefined
}

/** What an answer is graded with. */
export type Tools = {
  /**
   * Runs programs apart from our process, and reads literals. Never hand it what an answer is
   * compared with: that has no business in a process that runs a model's code.
   */
  sandbox: Pick<Sandbox, 'inspect' | 'execute' | 'runScript' | 'readLiteral' | 'readArguments'>
  /** For the calls of the sandbox: the run ends, or the answer took too long. */
  signal?: AbortSignal | undefined
}

/** Methods, so that a list may hold benchmarks of several types of items; each gets its own. */
export type Benchmark<I extends Item = Item> = {
  /** Letters, digits, `-` and `_`: as rows and reports call it. */
  name: string
  /** One line. */
  about?: string
  /** Under which its items are scored; deduction unless given. */
  kind?: Kind
  /** What programs may import in the sandbox; the standard library alone unless given. */
  profile?: ProfileName
  /** Whether its prompts are in words, which the dialect micro does not have. */
  isInWords?: boolean
  /** Tokens of an answer, where `evaluate.maxTokens` names none; 8,096 unless given. */
  maxTokens?: number
  /** All items, in the order in which they are asked; ids are unique. */
  items(place: Place): I[] | Promise<I[]>
  /** The same for the same item, always. */
  prompt(item: I, dialect: Dialect): string
  /** `completion`: all that the model wrote, with the mark that it was made to begin with. */
  grade(item: I, completion: string, tools: Tools): Grade | Promise<Grade>
}
