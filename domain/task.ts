/** The terms of the paper (arXiv 2505.03335) as types: kinds, roles, tasks. No behaviour. */

/** Name of a kind of task, which domain/kinds/kind.ts defines. */
export type Kind = string

export const roles = ['proposer', 'solver'] as const
export type Role = (typeof roles)[number]

export const purposes = ['seed', 'propose', 'estimate', 'solve', 'evaluate', 'probe'] as const
export type Purpose = (typeof purposes)[number]

/**
 * How a suite's items are answered: the likeliest answer, several answers at temperature 1, or the
 * likeliest answer that is forced to begin at once (direct) or with its working (scratch).
 */
export const evaluationModes = ['greedy', 'sampled', 'direct', 'scratch'] as const
export type EvaluationMode = (typeof evaluationModes)[number]

/** One input of a program and its output. `input` is the text between the parentheses of `f(…)`. */
export type Pair = {
  input: string
  /** Display text, which prompts show: a Python literal in insertion order. */
  output: string
  /** Canonical text, which the judge compares: equal strings mean equal values. */
  canonical: string
}

/** A task as the solver sees it. If the kind hides pairs, the shown pairs come first. */
export type Task = {
  id: string
  kind: Kind
  program: string
  /** The program as `ast.unparse` writes it, without docstrings. Duplicates are found by it. */
  normalized: string
  pairs: Pair[]
  /** A hint in words; empty if the kind has none. */
  message: string
  /** sha256 (hex, 32 characters) over kind, normalised program and canonical inputs. */
  hash: string
}

/** Facts about a program that the sandbox's front finds without running it. */
export type ProgramFacts = {
  normalized: string
  /** Top-level modules imported anywhere, sorted, dotted names in full: `os.path`. */
  imports: string[]
  /**
   * Names that it reads from modules and builtins, sorted: `os.path.join`, `input`. Its own names
   * are left out.
   */
  uses: string[]
  /** Names of all functions and methods defined, in order of appearance. */
  functions: string[]
  classes: string[]
  /** Parameters of `f` that nothing in it reads. */
  unread: string[]
}
