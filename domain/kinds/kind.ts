/**
 * The type of a kind of task: one object that says how its tasks are proposed, checked, given to a
 * solver, judged and shown. The paper's three kinds are such objects, and so are plug-ins. When
 * each of these happens is decided in src/run.
 */
import type { Execution, Inspection, Literal } from '../execution.ts'
import type { End } from '../prompts/end.ts'
import type { Parsed, Reader } from '../prompts/reading.ts'
import type { TaskRules } from '../settings.ts'
import type { Kind, Pair, Task } from '../task.ts'

/**
 * `r1` asks a language model in English. `code` gives a base model or a small one code to continue.
 * `micro` asks the embedded model in single-token marks.
 */
export type DialectName = 'r1' | 'code' | 'micro'

/** The text of a proposal. Kinds whose tasks have no message leave it empty. */
export type Draft = { program: string; inputs: string[]; message: string }

/** The first task, written by hand. `original` is the program that it is proposed from, if any. */
export type ZeroTask = Draft & { original?: string }

/** The material of a proposal, and the rules that it has to follow. */
export type ProposalContext = {
  /**
   * Earlier tasks of the same kind, if the kind is proposed `from: 'references'`. With
   * `propose.corpus` those of deduction and abduction may be tasks of induction.
   */
  references: Task[]
  /**
   * Functions that a proposal has to build on, `g_0` and so on; empty unless `propose.composite` is
   * set.
   */
  helpers: readonly string[]
  /**
   * The parameters that a new function has, as `text: str, k: int`, in the dialect `code`; null
   * unless `propose.parameters` draws them.
   */
  parameters: string | null
  /** The drawn program, if the kind is proposed `from: 'program'`. */
  program: Pick<Task, 'program' | 'pairs'> | null
  /** Number of inputs, if a proposal has several (`propose.inputs`). */
  inputs: number
  /**
   * Whether a proposal with extra parts is refused, or the extra parts are dropped
   * (`propose.extras`).
   */
  extras: 'refused' | 'dropped'
  bannedWords: readonly string[]
  /** The modules that may be imported in addition to the standard library. */
  libraries: readonly string[]
  timeoutMs: number
  memoryMb: number
  maxProgramChars: number
  maxOutputChars: number
}

/** The rules that an answer has to follow if it is a program. */
export type SolvingContext = { timeoutMs: number }

/**
 * The prompts of a kind in one dialect. The dialect frames the prompts (for `r1`: thinking, then an
 * answer block). It passes on the content of a text's frame, with a reader that finds the parts as
 * the config says (`reading.rules`).
 */
export type Words = {
  zero: ZeroTask
  propose: (context: ProposalContext) => string
  solve: (task: Task, context: SolvingContext) => string
  readProposal: (text: string, context: ProposalContext, reader: Reader) => Parsed<Draft>
  /** Texts that end a proposal or an answer, instead of the dialect's. */
  stops?: { proposal?: readonly string[]; answer?: readonly string[] }
  /** An end by count for proposals, in addition to the dialect's stop texts. */
  endProposal?: (context: ProposalContext) => End
  /** Gives the answer in the form that the judge takes; without this it is the whole text. */
  readAnswer?: (text: string, reader: Reader) => Parsed<string>
}

/**
 * The sandbox as a kind may use it, with the run's limits and records. Never pass it the expected
 * answer: that must not enter a process that runs model code.
 */
export type Tools = {
  /** Parses and describes a program; runs nothing. */
  inspect: (program: string) => Promise<Inspection>
  /**
   * Runs one program on each input, each time with fresh state. Returns one result per input, in
   * order.
   */
  execute: (program: string, inputs: string[]) => Promise<Execution[]>
  /** Reads one Python literal without evaluating it. */
  readLiteral: (text: string) => Promise<Literal>
  /** Reads the text between the parentheses of `f(…)` as literals. */
  readArguments: (text: string) => Promise<Literal>
}

/** The reason why the proposal is not a task, or the parts of the task. */
export type Validated =
  | { reason: string }
  | {
      /** The program as `inspect` normalised it. */
      normalized: string
      /** Shown pairs come first (`shownShare`). */
      pairs: Pair[]
      /** Canonical texts that identify the task, together with its kind and program. */
      identity: string[]
    }

export type Proposal = { draft: Draft; context: ProposalContext; rules: TaskRules }

/** An answer, and the pairs that judge it: all pairs of a task, or the hidden ones. */
export type Question = {
  program: string
  inputs: string[]
  /** Canonical texts of the outputs, one for each input. */
  expected: string[]
  answer: string
  /** Whether the answer may be an expression, which the sandbox evaluates. */
  mayCompute?: boolean
}

/** Either that the answer cannot be judged, or the number of counted pairs that it gets right. */
export type Judgement =
  | { type: 'malformed'; reason: string }
  | {
      type: 'judged'
      right: number
      count: number
      /** The reason why it is wrong; null if it is right. */
      reason: string | null
    }

export type TaskKind = {
  /** Small letters, digits and dashes. It is part of every id, curve and file of its tasks. */
  name: Kind
  /** The name that the terminal and the page show. */
  label: string
  /**
   * One line for people. `{input}` and `{output}` (of the first pair) and `{pairs}` are filled in.
   */
  asks: string
  /** Its colours in curves and marks: `#rrggbb`, on a light and on a dark background. */
  colors: { light: string; dark: string }
  /**
   * The content of the proposer's prompt: earlier tasks of this kind, or one program of another.
   */
  from: 'references' | 'program'
  /** Whether kinds that are proposed from a program may use the programs of its tasks. */
  givesPrograms: boolean
  /**
   * Whether the proposer writes the program, so that its complexity and novelty are the proposer's.
   */
  writesProgram: boolean
  /**
   * Share of a task's pairs that the solver sees: the first ones, rounded down. The others judge
   * its answer, by `reward.induction`. With 1 there are no hidden pairs.
   */
  shownShare: number
  /**
   * Its role in `propose.instances`: `given` if its pairs become tasks of other kinds, `taken` if
   * its tasks are made from such pairs.
   */
  instances?: 'given' | 'taken'
  words: Partial<Record<DialectName, Words>>
  /**
   * Decides whether a draft is a task. A failure of the sandbox itself is handled by the caller.
   */
  validate: (proposal: Proposal, tools: Tools) => Promise<Validated>
  judge: (question: Question, tools: Tools) => Promise<Judgement>
  /** The parts of the right answer, in columns. Answers are diverse if these differ. */
  answers: (task: Task) => string[][]
}

/** A built-in kind has prompts in every dialect. */
export type BuiltInKind = TaskKind & { words: Record<DialectName, Words> }
