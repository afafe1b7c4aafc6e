/**
 * Pass@k training (arXiv 2508.10751, the analytical form): answers to one task are rewarded as
 * groups of k, of which one right answer is enough. So the rare right answers to a hard task count
 * most, and a task that is nearly always solved teaches nothing. Proposals have TRR++'s baseline.
 */
import { type Algorithm, taskGroup } from './rewarded.ts'
import { whiten } from './trr.ts'

/** The share of all groups of k that have no right answer, with `wrong` of `all` answers wrong. */
function missing(wrong: number, all: number, k: number): number {
  if (wrong < k) return 0
  return Array.from({ length: k }, (_, i) => (wrong - i) / (all - i)).reduce((a, b) => a * b, 1)
}

/** The advantages of a right and of a wrong answer. */
export function passAtK(right: number, all: number, most: number) {
  const k = Math.min(most, all)
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
    const found = passAtK(isRight.filter(Boolean).length, group.length, k)
    return isRight.map(right => (right ? found.right : found.wrong))
  },
}
