/** Reduces the verdicts on a suite's items to one row: how many were right, with an interval. */
import { deviationOf, meanOf, passAtK } from './statistics.ts'

/** All answers to one item. */
export type ItemAnswers = { verdicts: string[]; scratched: number; cut: number }

export type Figures = {
  /** Items with at least one judged answer. */
  items: number
  correct: number
  accuracy: number
  passed: number
  scratched: number
  /** Answers that were cut at their maximum length. */
  cut: number
  deviation: number
}

/** `ungraded` answers are left out. Each item counts the same, however many answers remain. */
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

/** One item: its judged answers, and how many of them were right. */
export type ItemCount = { count: number; right: number }

/** Counts groups of verdicts by item. Items without a judged answer are left out. */
export function countsOf(groups: readonly (readonly string[])[]): ItemCount[] {
  return groups.flatMap(verdicts => {
    const judged = verdicts.filter(verdict => verdict !== 'ungraded')
    const right = judged.filter(verdict => verdict === 'correct').length
    return judged.length === 0 ? [] : [{ count: judged.length, right }]
  })
}

const usual = [1, 2, 4, 5, 8, 10, 16, 32, 64, 100, 128, 256]

/**
 * Unbiased pass@k over the items, for the usual k up to the number of answers that every item has.
 * Empty if each item has one answer.
 */
export function passesOf(counts: readonly ItemCount[]): Record<string, number> {
  const most = counts.length === 0 ? 0 : Math.min(...counts.map(({ count }) => count))
  if (most < 2) return {}
  const ks = [...new Set([...usual.filter(k => k < most), most])]
  return Object.fromEntries(
    ks.map(k => [`pass@${k}`, meanOf(counts.map(one => passAtK(one.count, one.right, k)))]),
  )
}
