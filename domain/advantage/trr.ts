/** Task-Relative REINFORCE++: rewards whitened within each kind and role (paper, equation 8). */
import { type Algorithm, type Rewarded, taskGroup } from './rewarded.ts'

/**
 * Whitens rewards: mean and unbiased variance over tokens (as the published code does) or over
 * sequences (as the paper's text reads); 1e-8 under the root.
 */
export function whiten(
  items: readonly Pick<Rewarded, 'reward' | 'tokens'>[],
  by: 'token' | 'sequence',
): number[] {
  const weights = items.map(({ tokens }) => (by === 'token' ? tokens : 1))
  const total = weights.reduce((sum, w) => sum + w, 0)
  const mean = items.reduce((sum, { reward }, i) => sum + (weights[i] ?? 0) * reward, 0) / total
  const squares = items.reduce(
    (sum, { reward }, i) => sum + (weights[i] ?? 0) * (reward - mean) ** 2,
    0,
  )
  const variance = total > 1 ? squares / (total - 1) : 0
  return items.map(({ reward }) => (reward - mean) / Math.sqrt(variance + 1e-8))
}

export const trr: Algorithm = {
  groupOf: taskGroup,
  advantagesOf: (group, { weighting }) => whiten(group, weighting),
}
