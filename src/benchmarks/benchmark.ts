/**
 * The type of a benchmark: a named collection of items with its own source, reading, prompt and
 * grading. Authors import it as `azr/benchmark` (docs/how-to/add-a-benchmark.md). Built-in
 * benchmarks have more (own.ts) and are listed in index.ts.
 */
import type { Execution, Limits, Literal, Sandbox } from '../../domain/execution.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Kind } from '../../domain/task.ts'
import type { ProfileName } from '../../sandbox/profiles.ts'
import type { Grade, GradeVerdict } from './grade.ts'

export type { Dialect, Execution, Grade, GradeVerdict, Kind, Limits, Literal }

/** One question. Besides its id it has the fields that its benchmark asks and grades with. */
export type Item = {
  id: string
  /** The kind under which it is scored, if it is not its benchmark's kind. */
  kind?: Kind
}

/** The folder that items are read from, and a selection. */
export type Place = {
  /** The folder of the benchmark's data. For a plug-in it is the folder of its file. */
  folder: string
  /** The model's folder. */
  model: string
  /** First and last day of the contests, for LiveCodeBench only. */
  since?: string | null | undefined
  until?: string | null | undefined
}

/** The tools of a grader. */
export type Tools = {
  /**
   * Runs programs outside our process, and reads literals. Never pass it the expected answer: that
   * must not enter a process that runs model code.
   */
  sandbox: Pick<Sandbox, 'inspect' | 'execute' | 'runScript' | 'readLiteral' | 'readArguments'>
  /** For the calls of the sandbox: it fires when the run ends or the answer takes too long. */
  signal?: AbortSignal | undefined
}

/** These are methods, so that a list may hold benchmarks with different types of items. */
export type Benchmark<I extends Item = Item> = {
  /** The benchmark's name in rows and reports: letters, digits, `-` and `_`. */
  name: string
  /** A description in one line. */
  about?: string
  /** The kind under which its items are scored (default deduction). */
  kind?: Kind
  /** The packages that programs may import in the sandbox (default: the standard library only). */
  profile?: ProfileName
  /** Whether its prompts are in natural language, which the dialect micro does not have. */
  isInWords?: boolean
  /** Tokens of an answer, if `evaluate.maxTokens` is not set (default 8,096). */
  maxTokens?: number
  /** All items, in the order in which they are asked. Ids are unique. */
  items(place: Place): I[] | Promise<I[]>
  /** The prompt of an item. It has to be the same every time. */
  prompt(item: I, dialect: Dialect): string
  /** `completion` is all that the model wrote, with the opening that was forced on it. */
  grade(item: I, completion: string, tools: Tools): Grade | Promise<Grade>
}
