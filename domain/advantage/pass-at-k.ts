/**
 * Pass@k training (arXiv 2508.10751, the analytical form): answers to one task are rewarded as
 * groups, of which one right answer is enough. So the rare right answers to a hard task count more
 * than those to an easy one. The advantage is the mean over groups of one to k answers: groups of
 * one reward every right answer, as GRPO does. Proposals have TRR++'s baseline.
 */
import { mean } from '../metrics.ts'
import { type Algorithm, taskGroup } from './rewarded.ts'
import { whiten } from './trr.ts'

/** The share of all groups of k that have no right answer, with `wrong` of `all` answers wrong. */
function missing(wrong: number, all: number, k: number): number {
  if (wrong < k) return 0
  return Array.from({ length: k }, (_, i) => (wrong - i) / (all - i)).reduce((a, b) => a * b, 1)
}

/** The advantages of a right and of a wrong answer in groups of k. */
export function passAtK(right: number, all: number, k: number) {
  const missed = missing(all - right, all, k)
  const deviation = Math.sqrt(missed * (1 - missed))
  if (deviation === 0) return { right: 0, wrong: 0 }
  const others = missing(all - right - 1, all - 1, k - 1)
  return { right: missed / deviation, wrong: (missed - others) / deviation }
}

export const passAtKTraining: Algorithm = {
  groupOf: item => item.task ?? taskGroup(item),
  advantagesOf(group, { weighting, k }) {
    if (group[0]?.task === null) return whiten(group, weighting)
    const isRight = group.map(({ reward }) => reward > 0)
    const right = isRight.filter(Boolean).length
    const sizes = Array.from({ length: Math.min(k, group.length) }, (_, i) => i + 1)
    const found = sizes.map(size => passAtK(right, group.length, size))
    const meanOf = (of: 'right' | 'wrong') => mean(found.map(one => one[of])) ?? 0
    const values = { right: meanOf('right'), wrong: meanOf('wrong') }
    return isRight.map(isOne => (isOne ? values.right : values.wrong))
  },
}
