/**
 * Computes the reward that is stored: by the rules, or by the user's reward (`reward.custom`), or
 * by the control's random draw (`reward.source: random`).
 */
import { parseKey } from '../../../domain/key.ts'
import { type ProposalVerdict, rewardFrom, type SolverVerdict } from '../../../domain/reward.ts'
import type {
  RewardedAnswer,
  RewardedProposal,
  RewardedTask,
} from '../../../domain/reward-plugin.ts'
import type { Task } from '../../../domain/task.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { RolloutRow } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Plugins } from '../../plugins/open.ts'
import { pay } from '../../plugins/reward.ts'

export type RewardPorts = { config: Config; plugins: Pick<Plugins, 'reward'> }

/** The part of a grade's input hash for rewards. A plug-in counts by its content, not its path. */
export function rewardRules({ config, plugins }: RewardPorts) {
  const { custom, ...rules } = config.reward
  return { ...rules, custom: plugins.reward?.hash }
}

const frozen = ({ kind, program, pairs, message }: Task): RewardedTask => {
  const copies = pairs.map(pair => Object.freeze({ ...pair }))
  return Object.freeze({ kind, program, pairs: Object.freeze(copies), message })
}

type About =
  | (Pick<RewardedAnswer, 'role' | 'answer' | 'score'> & { verdict: SolverVerdict; task: Task })
  | (Pick<RewardedProposal, 'role' | 'reason' | 'successRate' | 'learnability'> & {
      verdict: ProposalVerdict
      task: Task | null
    })

/**
 * `earned` is the reward by the rules; null if nothing could be judged, which stays without a
 * reward.
 */
export function rewardOf(
  { config, plugins }: RewardPorts,
  rollout: RolloutRow,
  earned: number | null,
  about: About,
): number | null {
  const { id, kind, text, ids, finish_reason: finishReason } = rollout
  if (earned === null || plugins.reward === null) return rewardFrom(config, id, earned)
  const { step } = parseKey(id)
  const completion = { id, step, kind, reward: earned, text, tokens: tokenCount(ids), finishReason }
  const what = { ...completion, ...about, task: about.task && frozen(about.task) }
  const paid = pay(plugins.reward, Object.freeze(what) as RewardedAnswer | RewardedProposal)
  return rewardFrom(config, id, paid)
}
