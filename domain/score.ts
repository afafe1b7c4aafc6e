/** From the verdicts on a suite's items to one row: how many were right, how sure that is. */
import { deviationOf, meanOf, passAtK } from './statistics.ts'

/** All answers to one item. */
export type ItemAnswers = { verdicts: string[]; scratched: number; cut: number }

export type Figures = {
  /** Items of which at least one answer could be judged. */
  items: number
  correct: number
  accuracy: number
  passed: number
  scratched: number
  /** Answers that ended by their length. */
  cut: number
  deviation: number
}

/** `ungraded` answers are left out; what is left of an item counts as much as any other item. */
export function figuresOf(answers: readonly ItemAnswers[]): Figures {
  const judged = answers.flatMap(({ verdicts, scratched, cut }) => {
    const count = verdicts.filter(verdict => verdict !== 'ungraded').length
    const right = verdicts.filter(verdict => verdict === 'correct').length
    return count === 0 ? [] : [{ right, share: right / count, scratched, cut }]
  })
  const shares = judged.map(({ share }) => share)
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0)
  return {
    items: judged.length,
    correct: total(judged.map(({ right }) => right)),
    accuracy: meanOf(shares),
    passed: judged.filter(({ right }) => right > 0).length,
    scratched: total(judged.map(({ scratched }) => scratched)),
    cut: total(judged.map(({ cut }) => cut)),
    deviation: deviationOf(shares),
  }
}

/** One item: answers that could be judged, and those of them that were right. */
export type ItemCount = { count: number; right: number }

/** What is left of groups of verdicts, by item; items without a judged answer are left out. */
export function countsOf(groups: readonly (readonly string[])[]): ItemCount[] {
  return groups.flatMap(verdicts => {
    const judged = verdicts.filter(verdict => verdict !== 'ungraded')
    const right = judged.filter(verdict => verdict === 'correct').length
    return judged.length === 0 ? [] : [{ count: judged.length, right }]
  })
}

const usual = [1, 2, 4, 5, 8, 10, 16, 32, 64, 100, 128, 256]

/**
 * Unbiased pass@k over the items, for the usual k up to the answers that every item has; none where
 * each has one answer.
 */
export function passesOf(counts: readonly ItemCount[]): Record<string, number> {
  const most = counts.length === 0 ? 0 : Math.min(...counts.map(({ count }) => count))
  if (most < 2) return {}
  const ks = [...new Set([...usual.filter(k => k < most), most])]
  return Object.fromEntries(
    ks.map(k => [`pass@${k}`, meanOf(counts.map(one => passAtK(one.count, one.right, k)))]),
  )
}
