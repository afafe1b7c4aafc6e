/**
 * GRPO's baseline: the mean reward of all answers to the same task. It does not divide by the
 * deviation.
 */
import { type Algorithm, taskGroup } from './rewarded.ts'

export const grpo: Algorithm = {
  groupOf: item => item.task ?? taskGroup(item),
  advantagesOf(group) {
    const mean = group.reduce((sum, { reward }) => sum + reward, 0) / group.length
    return group.map(({ reward }) => reward - mean)
  },
}
