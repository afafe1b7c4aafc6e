/**
 * A price on length: of two right answers the shorter one earns more. Only right answers pay it, at
 * most half of their reward, so that a short wrong answer never beats a long right one.
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
