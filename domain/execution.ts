/** The input and output types of the sandbox. Outcomes have the same names as in `azr exec`. */
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
  /**
   * CPU time of one execution. The wall-clock limit is six times this, twelve on a busy machine.
   */
  timeoutMs: number
  memoryMb: number
  maxOutputBytes: number
  /**
   * How often each input runs, each time in a server with another hash seed. Outcomes and canonical
   * texts must agree. A random bit passes two runs half of the time, three runs a quarter. At most
   * `mostRuns`.
   */
  runs: number
}

export const mostRuns = 5

export type Job = {
  program: string
  inputs: string[]
  limits: Limits
  /** Name of the function to call (default `f`). */
  entry?: string
}

/** A whole program, run once on each standard input. */
export type Script = { program: string; stdins: string[]; limits: Limits }

export type Execution = {
  outcome: Outcome
  /** Display text of the value, or a script's output; only with `returned`. */
  output: string | null
  /** Canonical text of the value, or a script's output; only with `returned`. */
  canonical: string | null
  /** Class name of the exception, or the reason for a rejection. */
  error: string | null
  /** Whether the input has only literals. */
  literal: boolean
  /** Canonical text of the argument list (positional and keyword), null unless `literal`. */
  inputCanonical: string | null
  cpuMs: number
  peakMemoryBytes: number
}

export type Inspection = { ok: true; facts: ProgramFacts } | { ok: false; error: string }

/** A function of a file: the program that it makes, or the reason why it makes none. */
export type FoundFunction = { name: string; line: number } & (
  | { program: string; reason?: never }
  | { program?: never; reason: string }
)

export type FoundFunctions = { ok: true; functions: FoundFunction[] } | { ok: false; error: string }

/** A Python literal that the front reads and never evaluates. */
export type Literal =
  | { ok: true; canonical: string; display: string }
  | { ok: false; error: string }

/** A layer of isolation, as a server found it when it started. */
export type Layer = { name: string; on: boolean; detail: string }

export type Metrics = {
  outcomes: Record<Outcome, number>
  /** Programs that ran together with others, and programs that ran alone; each run counts. */
  shared: number
  alone: number
  batches: number
  /** Units that were removed from a batch and run again alone. */
  anomalies: number
  audited: number
  /**
   * Programs whose result alone differed from that in a batch. After one, all programs run alone
   * for a while.
   */
  mismatches: number
  /** Processes that were replaced, and work that was repeated because of it. */
  restarts: number
  retries: number
}

export interface Sandbox {
  /** Parses and describes a program; runs nothing. */
  inspect(program: string, signal?: AbortSignal): Promise<Inspection>
  /**
   * Takes the functions out of a file, each as a program that defines `f`, with what it needs of
   * the file. None becomes longer than `maxChars` by what it needs.
   */
  functionsOf(file: string, maxChars: number, signal?: AbortSignal): Promise<FoundFunctions>
  /** Reads one literal (a deduction answer). */
  readLiteral(text: string, signal?: AbortSignal): Promise<Literal>
  /**
   * Reads the text between the parentheses of `f(…)` as literals, and gives the list's canonical
   * text.
   */
  readArguments(text: string, signal?: AbortSignal): Promise<Literal>
  /** Runs one program on each input, fresh state for each. One entry per input, in order. */
  execute(job: Job, signal?: AbortSignal): Promise<Execution[]>
  /** Runs one script on each standard input, a process for each. */
  runScript(script: Script, signal?: AbortSignal): Promise<Execution[]>
  /** The layers of the server that has the fewest. */
  layers(): Layer[]
  metrics(): Metrics
  /** Pids of the living processes, for the doctor and for fault tests. */
  pids(): number[]
  stop(): Promise<void>
}
