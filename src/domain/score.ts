/** From the verdicts on a suite's items to one row: how many were right, how sure that is. */
import { deviationOf, meanOf } from './statistics.ts'

/** All answers to one item. */
export type ItemAnswers = { verdicts: string[]; scratched: number }

export type Figures = {
  /** Items of which at least one answer could be judged. */
  items: number
  correct: number
  accuracy: number
  passed: number
  scratched: number
  deviation: number
}

/** `ungraded` answers are left out; what is left of an item counts as much as any other item. */
export function figuresOf(answers: readonly ItemAnswers[]): Figures {
  const judged = answers.flatMap(({ verdicts, scratched }) => {
    const count = verdicts.filter(verdict => verdict !== 'ungraded').length
    const right = verdicts.filter(verdict => verdict === 'correct').length
    return count === 0 ? [] : [{ right, share: right / count, scratched }]
  })
  const shares = judged.map(({ share }) => share)
  const total = (values: number[]) => values.reduce((sum, value) => sum + value, 0)
  return {
    items: judged.length,
    correct: total(judged.map(({ right }) => right)),
    accuracy: meanOf(shares),
    passed: judged.filter(({ right }) => right > 0).length,
    scratched: total(judged.map(({ scratched }) => scratched)),
    deviation: deviationOf(shares),
  }
}
