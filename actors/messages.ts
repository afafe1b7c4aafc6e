/**
 * All messages between actors. Commands are imperative, facts are in the past tense. All are JSON
 * and refer to rows by id. `run` is the only supervisor: children answer it and never each other.
 */
import type { EvaluationMode, Kind } from '../domain/task.ts'

/** One completion to sample for a proposal. */
export type ProposeOrder = {
  id: string
  attempt: number
  kind: Kind
  /** Hashes of the tasks that the prompt shows as references. */
  references: string[]
  /** Hash of the task whose program the proposal starts from, in place of references. */
  program: string | null
}

/** All answers to a task, which is named by its hash, or for an estimate by its wording. */
export type SolveOrder = {
  /** Id of the first answer. Ids of the others differ in the last number. */
  id: string
  attempt: number
  kind: Kind
  task: string
  samples: number
}

/** All answers of a policy to an item of a held-out suite in one mode. */
export type ItemOrder = {
  /**
   * Id of the first answer. Ids of the others differ in the last number. Its step is the policy's.
   */
  id: string
  attempt: number
  /**
   * The step in which the item is asked. The base model answers its suites at the end of the run.
   */
  step: number
  kind: Kind
  suite: string
  item: number
  mode: EvaluationMode
  samples: number
}

/** Adds up the scores of one policy in one step. */
export type ScoreOrder = { id: string; attempt: number; step: number; version: number }

export type SampleOrder =
  | { to: 'proposer'; order: ProposeOrder }
  | { to: 'solver'; order: SolveOrder }
  | { to: 'evaluator'; order: ItemOrder }

export type CheckCommand =
  | { type: 'proposal.check'; order: ProposeOrder }
  | { type: 'answer.check'; order: SolveOrder }
  | { type: 'item.check'; order: ItemOrder }

export type ToProposer = { type: 'task.propose'; order: ProposeOrder }
export type ToSolver = { type: 'task.solve'; order: SolveOrder }
export type ToExecutor = CheckCommand
export type ToEvaluator =
  | { type: 'item.attempt'; order: ItemOrder }
  | { type: 'suites.score'; order: ScoreOrder }
export type ToTrainer =
  | { type: 'policy.update'; step: number }
  | { type: 'policy.save'; step: number }
  | { type: 'policy.export'; version: number }
  | { type: 'policy.probe'; version: number }
export type ToEngine =
  | { type: 'policy.load'; version: number; path: string }
  | { type: 'engine.sleep' }
  | { type: 'engine.check' }

export type Verdict = 'correct' | 'wrong' | 'malformed' | 'ungraded'

/** Where the failure came from. `fatal` is never retried. */
export type FailureSource = 'engine' | 'learner' | 'sandbox' | 'fatal' | 'other'

/** The command of an item failed. It may be given again. */
export type ItemFailed = {
  type: 'item.failed'
  actor: string
  command: ToProposer | ToSolver | ToExecutor | ToEvaluator
  source: FailureSource
  error: string
}

export type FromProposer = { type: 'proposal.drafted'; order: ProposeOrder }
export type FromSolver = { type: 'answer.drafted'; order: SolveOrder }
export type FromExecutor =
  | {
      type: 'task.validated'
      order: ProposeOrder
      /** Hash of the task in this proposal's wording; null if the proposal was refused. */
      wording: string | null
      reason: string | null
    }
  | { type: 'answer.graded'; order: SolveOrder; correct: number }
  | { type: 'item.graded'; order: ItemOrder; correct: number }
export type FromEvaluator =
  | { type: 'item.attempted'; order: ItemOrder }
  | { type: 'suites.scored'; order: ScoreOrder }
export type FromTrainer =
  | { type: 'trainer.ready' }
  | { type: 'policy.updated'; step: number }
  | { type: 'policy.saved'; step: number }
  | { type: 'policy.exported'; version: number; path: string }
  | {
      type: 'policy.probed'
      version: number
      passed: boolean
      /** Largest difference of a log-probability. */
      largest: number
      /** All that was measured, in words. */
      measured: string
      /** The most likely cause, in words; empty if the gate passed. */
      suspect: string
    }
export type FromEngine =
  | { type: 'engine.ready' }
  | { type: 'engine.lost'; error: string }
  | { type: 'engine.slept' }
  | { type: 'policy.loaded'; version: number }

/**
 * An actor gave up or exceeded its deadline. The error says which actor, and what it waited for.
 */
export type ActorFailed = { type: 'actor.failed'; actor: string; error: string }

export type FromUser = { type: 'run.pause' } | { type: 'run.resume' }

export type ToRun =
  | FromProposer
  | FromSolver
  | FromExecutor
  | FromEvaluator
  | FromTrainer
  | FromEngine
  | ItemFailed
  | ActorFailed
  | FromUser
