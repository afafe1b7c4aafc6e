/**
 * The type of a kind of task: one object that says how its tasks are proposed, checked, put to a
 * solver, judged and shown. The three kinds of the paper are such objects, and so is a plug-in's.
 * Not here: when any of it happens, which is the run's affair.
 */
import type { Execution, Inspection, Literal } from '../execution.ts'
import type { End } from '../prompts/end.ts'
import type { Parsed, Reader } from '../prompts/reading.ts'
import type { TaskRules } from '../settings.ts'
import type { Kind, Pair, Task } from '../task.ts'

/**
 * `r1` asks a language model in English; `code` lets a base or small one go on from code; `micro`
 * asks the embedded model in single-token marks.
 */
export type DialectName = 'r1' | 'code' | 'micro'

/** What a proposer wrote. Kinds whose tasks have no message leave it empty. */
export type Draft = { program: string; inputs: string[]; message: string }

/** The task that no model wrote; `original`: the program that it is proposed from, where it is. */
export type ZeroTask = Draft & { original?: string }

/** What a proposal is made from, and what it has to keep to. */
export type ProposalContext = {
  /** Earlier tasks of the same kind; of a kind that is proposed `from: 'references'`. */
  references: Task[]
  /**
   * Functions that a proposal has to build on, `g_0` and so on; none unless `propose.composite`.
   */
  helpers: readonly string[]
  /** The program that was drawn; of a kind that is proposed `from: 'program'`. */
  program: Pick<Task, 'program' | 'pairs'> | null
  /** Inputs that a proposal of several has to have (`propose.inputs`). */
  inputs: number
  /** Whether parts beyond those asked for make a proposal no task (`propose.extras`). */
  extras: 'refused' | 'dropped'
  bannedWords: readonly string[]
  /** What may be imported beside the standard library. */
  libraries: readonly string[]
  timeoutMs: number
  memoryMb: number
  maxProgramChars: number
  maxOutputChars: number
}

/** What an answer that is a program has to keep to. */
export type SolvingContext = { timeoutMs: number }

/**
 * A kind in the words of one dialect. The dialect frames the prompts (for `r1`: thinking, then an
 * answer block), and hands over what stands in the frame of a text, with a reader that finds the
 * parts as the config wants them found (`reading.rules`).
 */
export type Words = {
  zero: ZeroTask
  propose: (context: ProposalContext) => string
  solve: (task: Task, context: SolvingContext) => string
  readProposal: (text: string, context: ProposalContext, reader: Reader) => Parsed<Draft>
  /** Texts that end a proposal or an answer, in place of the dialect's. */
  stops?: { proposal?: readonly string[]; answer?: readonly string[] }
  /**
   * Where a proposal ends by count, beside the dialect's stop. Without this it ends there alone.
   */
  endProposal?: (context: ProposalContext) => End
  /** The answer as the judge takes it; without this all of the text is. */
  readAnswer?: (text: string, reader: Reader) => Parsed<string>
}

/**
 * The sandbox as a kind may use it, under the run's limits and in the run's records. Never hand it
 * what an answer is compared with: that has no business in a process that runs a model's code.
 */
export type Tools = {
  /** Parses and describes a program; runs nothing. */
  inspect: (program: string) => Promise<Inspection>
  /** Runs one program on each input, fresh state for each; one result per input, in order. */
  execute: (program: string, inputs: string[]) => Promise<Execution[]>
  /** Reads one Python literal, never evaluated. */
  readLiteral: (text: string) => Promise<Literal>
  /** Reads what stands between the parentheses of `f(…)` as literals. */
  readArguments: (text: string) => Promise<Literal>
}

/** Why a proposal is no task, or what it is as one. */
export type Validated =
  | { reason: string }
  | {
      /** The program as `inspect` normalises it. */
      normalized: string
      /** Shown ones first (`shownShare`). */
      pairs: Pair[]
      /** What makes it this task and no other, beside the kind and the program: canonical texts. */
      identity: string[]
    }

export type Proposal = { draft: Draft; context: ProposalContext; rules: TaskRules }

/** An answer, and the pairs that judge it: all of a task, or its hidden ones. */
export type Question = {
  program: string
  inputs: string[]
  /** Canonical texts of the outputs, one for each input. */
  expected: string[]
  answer: string
  /** Whether the answer may be an expression, which the sandbox evaluates. */
  mayCompute?: boolean
}

/** An answer that cannot be judged, or how many of the pairs that count it got right. */
export type Judgement =
  | { type: 'malformed'; reason: string }
  | {
      type: 'judged'
      right: number
      count: number
      /** What went wrong with it, where anything did. */
      reason: string | null
    }

export type TaskKind = {
  /** Small letters, digits and dashes: a part of every id, curve and file of its tasks. */
  name: Kind
  /** As the terminal and the page write it. */
  label: string
  /**
   * One line for people, with `{input}`, `{output}` (of the first pair) and `{pairs}` filled in.
   */
  asks: string
  /** Of its curves and marks: `#rrggbb`, on light and on dark paper. */
  colors: { light: string; dark: string }
  /** What stands in a proposer's prompt: earlier tasks of this kind, or one program of another. */
  from: 'references' | 'program'
  /** Whether kinds that are proposed from a program may take those of its tasks. */
  givesPrograms: boolean
  /** Whether a proposer writes the program, so that its complexity and novelty are its own. */
  writesProgram: boolean
  /**
   * Share of a task's pairs that the solver sees: the first ones, rounded down. The others judge
   * its answer, by `reward.induction`. 1: there are no hidden pairs.
   */
  shownShare: number
  /** In `propose.instances`: its pairs become tasks, or tasks are made of pairs. */
  instances?: 'given' | 'taken'
  words: Partial<Record<DialectName, Words>>
  /**
   * Decides whether a draft is a task. What the sandbox itself fails at is dealt with around it.
   */
  validate: (proposal: Proposal, tools: Tools) => Promise<Validated>
  judge: (question: Question, tools: Tools) => Promise<Judgement>
  /** Columns of what a solver would have to say: answers are diverse where these differ. */
  answers: (task: Task) => string[][]
}

/** A kind that comes with azr speaks every dialect. */
export type BuiltInKind = TaskKind & { words: Record<DialectName, Words> }
