/** No baseline: the advantage is the reward. */
import type { Algorithm } from './rewarded.ts'

export const none: Algorithm = {
  groupOf: null,
  advantagesOf: group => group.map(({ reward }) => reward),
}
