/**
 * Intrinsic rewards: the value of a proposal apart from its learnability (paper, appendix D.4).
 * Each is measured on a sample, and rewarded only if its weight is not 0.
 */
import type { TaskKind } from './kinds/kind.ts'
import { complexityOf, editDistance } from './measure.ts'
import type { RewardSettings } from './settings.ts'
import { meanOf } from './statistics.ts'
import type { Task } from './task.ts'

export const measureNames = ['complexity', 'editDistance', 'answerDiversity'] as const
export type MeasureName = (typeof measureNames)[number]
/** Each between 0 and 1. The first two are left out if the proposer did not write the program. */
export type Measures = Partial<Record<MeasureName, number>>

/** The measures that the config rewards. */
export function rewardedMeasures(reward: RewardSettings): MeasureName[] {
  return measureNames.filter(name => reward[name] !== 0)
}

/** 1 minus the share of the known texts that equal this one: 1 if the text is new. */
export function surprise(text: string, known: readonly string[]): number {
  if (known.length === 0) return 1
  return 1 - known.filter(other => other === text).length / known.length
}

/** How rare the answer is among the answers to other tasks of its kind. */
export function answerDiversity(
  { answers }: Pick<TaskKind, 'answers'>,
  task: Task,
  others: readonly Task[],
): number {
  const columns = answers(task).map((texts, column) => {
    const known = others.flatMap(other => answers(other)[column] ?? [])
    return meanOf(texts.map(text => surprise(text, known)))
  })
  return meanOf(columns)
}

/** Compares a task with those in its prompt, and with a sample of its buffer. */
export function measure(
  kind: Pick<TaskKind, 'answers' | 'writesProgram'>,
  task: Task,
  references: readonly Task[],
  sample: readonly Task[],
): Measures {
  const diversity = { answerDiversity: answerDiversity(kind, task, sample) }
  if (!kind.writesProgram) return diversity
  const { normalized } = task
  const distances = references.map(other => editDistance(normalized, other.normalized))
  return { complexity: complexityOf(normalized), editDistance: meanOf(distances), ...diversity }
}

/** Combines learnability and the weighted measures, each within the cap, as the config says. */
export function combineRewards(
  learnability: number,
  measures: Measures,
  reward: RewardSettings,
): number {
  const { intrinsicCap: cap, combine } = reward
  const parts = rewardedMeasures(reward).flatMap(name => {
    const value = measures[name]
    return value === undefined ? [] : [Math.max(-cap, Math.min(cap, reward[name] * value))]
  })
  if (parts.length === 0) return learnability
  const sum = parts.reduce((total, part) => total + part, 0)
  const product = parts.reduce((total, part) => total * part, 1)
  switch (combine) {
    case 'sum':
      return learnability + sum
    case 'multiply':
      return learnability * product
    case 'sumMultiply':
      return learnability + product
    case 'multiplySum':
      return learnability * sum
  }
}
