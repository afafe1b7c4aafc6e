/** What the sandbox takes and gives. Its words for outcomes are those of `azr exec`. */
import type { ProgramFacts } from './task.ts'

export const outcomes = [
  'returned',
  'raised',
  'timedOut',
  'memoryExceeded',
  'outputTooLong',
  'nondeterministic',
  'rejected',
  'crashed',
  'ungraded',
] as const
export type Outcome = (typeof outcomes)[number]

export type Limits = {
  /** CPU time of one execution; the wall cap is six times this, twelve on a busy machine. */
  timeoutMs: number
  memoryMb: number
  maxOutputBytes: number
  /**
   * How often it runs, once in a server of each hash seed: outcomes and canonical texts must agree. One
   * bit of chance passes two runs half of the time, three a quarter. At most `mostRuns`.
   */
  runs: number
}

export const mostRuns = 5

export type Job = {
  program: string
  inputs: string[]
  limits: Limits
  /** Name of the function that is called; `f` unless given. */
  entry?: string
}

/** A whole program, run once on each standard input. */
export type Script = { program: string; stdins: string[]; limits: Limits }

export type Execution = {
  outcome: Outcome
  /** Display text of the value (of a script: what it wrote), only with `returned`. */
  output: string | null
  /** Canonical text of the value (of a script: what it wrote), only with `returned`. */
  canonical: string | null
  /** Class name of the exception, or why it was rejected. */
  error: string | null
  /** Whether the input was made of literals only. */
  literal: boolean
  /** Canonical text of the argument list (positional and keyword), null unless `literal`. */
  inputCanonical: string | null
  cpuMs: number
  peakMemoryBytes: number
}

export type Inspection = { ok: true; facts: ProgramFacts } | { ok: false; error: string }

/** A Python literal read by the front, never evaluated. */
export type Literal =
  | { ok: true; canonical: string; display: string }
  | { ok: false; error: string }

/** A layer of isolation, as a server found it at its start. */
export type Layer = { name: string; on: boolean; detail: string }

export type Metrics = {
  outcomes: Record<Outcome, number>
  /** Programs run together with others, and alone, each run counted. */
  shared: number
  alone: number
  batches: number
  /** Units that were taken out of a batch and run again alone. */
  anomalies: number
  audited: number
  /** Results that were not the same alone as among others: all run alone for a while then. */
  mismatches: number
  /** Processes that were replaced, and work that was done again for it. */
  restarts: number
  retries: number
}

export interface Sandbox {
  /** Parses and describes a program; runs nothing. */
  inspect(program: string, signal?: AbortSignal): Promise<Inspection>
  /** Reads one literal (a deduction answer). */
  readLiteral(text: string, signal?: AbortSignal): Promise<Literal>
  /** Reads the text between the parentheses of `f(…)` as literals; canonical of the argument list. */
  readArguments(text: string, signal?: AbortSignal): Promise<Literal>
  /** Runs one program on each input, fresh state for each. One entry per input, in order. */
  execute(job: Job, signal?: AbortSignal): Promise<Execution[]>
  /** Runs one script on each standard input, a process for each. */
  runScript(script: Script, signal?: AbortSignal): Promise<Execution[]>
  /** Layers of isolation, those of the server that has the fewest. */
  layers(): Layer[]
  metrics(): Metrics
  /** Pids of the processes that live now, for the doctor and for fault tests. */
  pids(): number[]
  stop(): Promise<void>
}
