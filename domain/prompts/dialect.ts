/** What a prompt dialect is: how tasks are put to a model, and how its text is read back. */
import type { EvaluationMode, Kind, Task } from '../task.ts'

/** Why a text could not be read. These words are stored with the grade. */
export type Refusal =
  | 'no think and answer blocks'
  | 'no code fence'
  | 'no input fence'
  | 'too few inputs'
  | 'no message'
  | 'no answer'
  | 'no input marker'
  | 'more than one marker'
  | 'cut off'

export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: Refusal }

/** What a proposer wrote: a program with one input, or (induction) inputs and a message. */
export type Draft = { program: string; inputs: string[]; message: string }

export type ProposalContext = {
  /** Earlier tasks of the same kind; deduction and abduction. */
  references: Task[]
  /** Whose program gets inputs; induction. */
  program: Task | null
  /** Inputs that an induction proposal has to have. */
  inputs: number
  bannedWords: readonly string[]
  timeoutMs: number
  maxOutputChars: number
}

export type Dialect = {
  name: 'r1' | 'micro'
  /** Texts that end a completion. */
  stop: string[]
  /** A question as a prompt. */
  frame: (question: string) => string
  /** First tasks, written by hand: the zero triplet and the zero problem. */
  zero: Record<Kind, Draft>
  proposerPrompt: (kind: Kind, context: ProposalContext) => string
  solverPrompt: (task: Task) => string
  parseProposal: (kind: Kind, text: string, context: ProposalContext) => Parsed<Draft>
  parseAnswer: (kind: Kind, text: string) => Parsed<string>
  /** What an answer is made to begin with in the forced modes; none where it cannot be forced. */
  openings: Partial<Record<EvaluationMode, string>>
  /** Whether an answer writes its working before it answers. */
  hasScratch: (text: string) => boolean
}

export const refuse = (reason: Refusal) => ({ ok: false, reason }) as const
export const accept = <T>(value: T) => ({ ok: true, value }) as const

/** The pairs of an induction task that the solver sees: the first half, rounded down. */
export function shownPairs(task: Task) {
  return task.pairs.slice(0, Math.floor(task.pairs.length / 2))
}

/** The pairs that its answer is judged by: the rest. */
export function hiddenPairs(task: Task) {
  return task.pairs.slice(Math.floor(task.pairs.length / 2))
}
