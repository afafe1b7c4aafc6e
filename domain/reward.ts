/**
 * Rewards of both roles (paper, equations 4 to 6). The config has every mapping. A completion that
 * could not be judged has no reward: it is left out, never counted as wrong.
 */
import { combineRewards, type Measures } from './intrinsic.ts'
import { stream } from './rng.ts'
import type { RewardSettings } from './settings.ts'

export type SolverVerdict = 'correct' | 'wrong' | 'malformed' | 'ungraded'
export type ProposalVerdict = 'accepted' | 'duplicate' | 'refused' | 'ungraded'

/** Success rate of a task: the mean over its graded answers, or null if there is none. */
export function successRate(verdicts: readonly SolverVerdict[]): number | null {
  const graded = verdicts.filter(verdict => verdict !== 'ungraded')
  if (graded.length === 0) return null
  return graded.filter(verdict => verdict === 'correct').length / graded.length
}

/** 1 - s if the task was solved at least once, else 0 (equation 4). */
export function learnability(success: number): number {
  return success > 0 ? 1 - success : 0
}

export function proposerReward(
  verdict: ProposalVerdict,
  success: number | null,
  reward: RewardSettings,
  measures: Measures = {},
): number | null {
  if (verdict === 'ungraded') return null
  if (verdict === 'refused') return reward.invalid
  if (verdict === 'duplicate') return reward.duplicate
  if (success === null) return null
  const value = learnability(success)
  return value > 0 ? combineRewards(value, measures, reward) : reward.zeroLearnability
}

export function solverReward(verdict: SolverVerdict, reward: RewardSettings): number | null {
  return verdict === 'ungraded' ? null : reward[verdict]
}

/**
 * The reward to train on: the computed one or, for a control, a keyed random draw that ignores the
 * text. A completion without a reward has none either way.
 */
export function rewardFrom(
  { seed, reward }: { seed: number; reward: RewardSettings },
  id: string,
  earned: number | null,
): number | null {
  if (earned === null || reward.source === 'executor') return earned
  return stream(seed, 'reward', id).next() < reward.randomRate ? reward.correct : reward.wrong
}

export type PairsRule = RewardSettings['induction']

/** Scores an answer with hidden pairs by the number that it gets right: in 0..1. */
export function pairsScore(right: number, hidden: number, rule: PairsRule): number {
  if (hidden === 0) return 0
  switch (rule) {
    case 'binary':
      return right === hidden ? 1 : 0
    case 'accuracy':
      return right / hidden
    case 'ifOneCorrect':
      return right > 0 ? 1 : 0
  }
}
