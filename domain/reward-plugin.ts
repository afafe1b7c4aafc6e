/**
 * The exports of `azr/reward`: the type of a custom reward (`reward.custom: ./my/reward.ts`, the
 * default export of that file). docs/how-to/add-a-reward.md shows an example.
 */
import type { ProposalVerdict, SolverVerdict } from './reward.ts'
import type { Kind, Pair } from './task.ts'

/** The task that was answered or proposed. Its texts are Python. */
export type RewardedTask = {
  readonly kind: Kind
  /** Source of the program, whose function is `f`. */
  readonly program: string
  /**
   * One pair of input and output. Induction has several, of which the solver sees the first half.
   */
  readonly pairs: readonly Readonly<Pair>[]
  /** Induction: the proposer's description of the program, which may be empty. Else empty. */
  readonly message: string
}

/** The facts about one completion, a proposal's or an answer's. It is a frozen copy. */
type Completion = {
  /** `step.purpose.kind.index.sample`, the key of its rows. */
  readonly id: string
  /** 0 in the seeding, then from 1. */
  readonly step: number
  readonly kind: Kind
  /** The built-in rules' reward (`reward.*` in docs/reference/config.md), -1 to 1 by default. */
  readonly reward: number
  /** All text that the model wrote after its prompt. */
  readonly text: string
  /** Length of the completion in tokens, without the prompt; at least 1. */
  readonly tokens: number
  /** `length` means that it was cut at `maxTokens`. */
  readonly finishReason: 'stop' | 'length'
}

/** An answer that was graded. */
export type RewardedAnswer = Completion & {
  readonly role: 'solver'
  readonly verdict: Exclude<SolverVerdict, 'ungraded'>
  /** The answer that was read from the text; null if none was found. */
  readonly answer: string | null
  /** Induction: its score in 0..1, counted as `reward.induction` says. Else null. */
  readonly score: number | null
  readonly task: RewardedTask
}

/** A proposal that was checked. If it was accepted, it has graded answers. */
export type RewardedProposal = Completion & {
  readonly role: 'proposer'
  readonly verdict: Exclude<ProposalVerdict, 'ungraded'>
  /** The reason for its refusal, in a few words; null if it was accepted. */
  readonly reason: string | null
  /** Share of the estimate's answers that were right, in 0..1; null unless it was accepted. */
  readonly successRate: number | null
  /** 1 - successRate, or 0 if that is 0 (paper, equation 4); null unless it was accepted. */
  readonly learnability: number | null
  /** Null if it was refused. */
  readonly task: RewardedTask | null
}

/**
 * A custom reward. Both functions are optional; a missing one keeps the built-in reward. Each has
 * to be synchronous, and to return the same finite number for the same argument every time. It must
 * not use a clock, chance, a file or earlier calls, because replays call it again in any order.
 *
 * The number replaces `what.reward` and may have any size: the advantage is computed from it.
 * Completions that could not be graded have no reward and are never passed in. An error that it
 * throws ends the run.
 */
export type Reward = {
  /** Shown and stored with the run. */
  readonly name: string
  answer?(what: RewardedAnswer): number
  proposal?(what: RewardedProposal): number
}
