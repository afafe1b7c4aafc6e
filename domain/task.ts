/** The words of the paper (arXiv 2505.03335) as types: kinds, roles, tasks. No behaviour. */

/** Name of a kind of task; what it is, domain/kinds/kind.ts says. */
export type Kind = string

export const roles = ['proposer', 'solver'] as const
export type Role = (typeof roles)[number]

export const purposes = ['seed', 'propose', 'estimate', 'solve', 'evaluate', 'probe'] as const
export type Purpose = (typeof purposes)[number]

/**
 * How a suite's items are answered: the likeliest answer, several at temperature 1, or the
 * likeliest one that is made to begin at once (direct) or with its working (scratch).
 */
export const evaluationModes = ['greedy', 'sampled', 'direct', 'scratch'] as const
export type EvaluationMode = (typeof evaluationModes)[number]

/**
 * One input of a program and what it gave. `input` is the text between the parentheses of `f(…)`.
 */
export type Pair = {
  input: string
  /** Display text: a Python literal, insertion order kept; what prompts show. */
  output: string
  /** Canonical text: equal strings mean equal values; what the judge compares. */
  canonical: string
}

/** A task as the solver meets it: of a kind that hides pairs, the shown ones come first. */
export type Task = {
  id: string
  kind: Kind
  program: string
  /** The program as `ast.unparse` writes it, without docstrings: what duplicates are judged by. */
  normalized: string
  pairs: Pair[]
  /** A hint in words; empty where its kind has none. */
  message: string
  /** sha256 (hex, 32 characters) over kind, normalised program and canonical inputs. */
  hash: string
}

/** What the front of the sandbox says about a program without running it. */
export type ProgramFacts = {
  normalized: string
  /** Top-level modules imported anywhere, sorted, dotted names in full: `os.path`. */
  imports: string[]
  /**
   * What it reads of modules and builtins, sorted: `os.path.join`, `input`. Its own names are not.
   */
  uses: string[]
  /** Names of all functions and methods defined, in order of appearance. */
  functions: string[]
  classes: string[]
}
