/**
 * What `azr/reward` publishes: the type of a reward of your own (`reward.custom: ./my/reward.ts`), the
 * default export of that file. docs/how-to/add-a-reward.md shows one.
 */
import type { ProposalVerdict, SolverVerdict } from './reward.ts'
import type { Kind, Pair } from './task.ts'

/** The task that was answered or proposed. Texts are Python's. */
export type RewardedTask = {
  readonly kind: Kind
  /** Source of the program; its function is `f`. */
  readonly program: string
  /** One pair of input and output; of induction several, of which the first half is shown. */
  readonly pairs: readonly Readonly<Pair>[]
  /** Induction: what the proposer says of the program, may be empty. Else empty. */
  readonly message: string
}

/** What is known of one completion, whoever wrote it. It is a copy, and frozen. */
type Completion = {
  /** `step.purpose.kind.index.sample`: the key of its rows. */
  readonly id: string
  /** 0 in the seeding, then from 1 on. */
  readonly step: number
  readonly kind: Kind
  /** What the built-in rules pay (`reward.*` in docs/reference/config.md), -1 to 1 by default. */
  readonly reward: number
  /** All that the model wrote after its prompt. */
  readonly text: string
  /** Length of the completion in tokens, 1 or more; the prompt's are not counted. */
  readonly tokens: number
  /** `length`: it was cut at `maxTokens`. */
  readonly finishReason: 'stop' | 'length'
}

/** An answer that could be graded. */
export type RewardedAnswer = Completion & {
  readonly role: 'solver'
  readonly verdict: Exclude<SolverVerdict, 'ungraded'>
  /** The answer as it was read in the text; null where none could be. */
  readonly answer: string | null
  /** Induction: how right it is, in 0..1, as `reward.induction` counts it. Else null. */
  readonly score: number | null
  readonly task: RewardedTask
}

/** A proposal that could be checked; an accepted one has answers that could be graded. */
export type RewardedProposal = Completion & {
  readonly role: 'proposer'
  readonly verdict: Exclude<ProposalVerdict, 'ungraded'>
  /** Why it was refused, in a few words; null where it was accepted. */
  readonly reason: string | null
  /** Share of the estimate's answers that were right, in 0..1; null unless it was accepted. */
  readonly successRate: number | null
  /** 1 - successRate, and 0 where that is 0 (paper, equation 4); null unless it was accepted. */
  readonly learnability: number | null
  /** Null where it was refused. */
  readonly task: RewardedTask | null
}

/**
 * A reward of your own. Both functions are optional; what has none keeps the built-in reward. Each has
 * to be synchronous, and to give the same finite number for the same argument every time: no clock,
 * no chance, no file, no memory of earlier calls, as replays ask again, in any order.
 *
 * The number takes the place of `what.reward` and may be of any size: an advantage is made of it, as of
 * any reward. What could not be graded has no reward and is never asked about. An error that is thrown
 * ends the run.
 */
export type Reward = {
  /** Shown with the run, and stored with it. */
  readonly name: string
  answer?(what: RewardedAnswer): number
  proposal?(what: RewardedProposal): number
}
