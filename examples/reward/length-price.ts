/**
 * A price on length: of two right answers the shorter one earns more. Only right answers pay it, so
 * that a short wrong one never beats a long right one, and at most half of what they earn.
 */
import type { Reward } from 'azr/reward'

const free = 8
const perToken = 0.005
const share = 0.5

export default {
  name: 'length-price',
  answer({ verdict, reward, tokens }) {
    if (verdict !== 'correct') return reward
    const price = perToken * Math.max(0, tokens - free)
    return reward - Math.min(price, share * reward)
  },
} satisfies Reward
