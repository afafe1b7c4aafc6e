/**
 * What is known about the tasks in the buffers: when each was added, and its newest answers. It is
 * a function of stored rows that is kept in memory between steps.
 */
import type { SolverVerdict } from './reward.ts'

export type TaskRecord = {
  /** The step in which a task was accepted, by hash. */
  added: Map<string, number>
  /** The newest graded answers, oldest first: `1` right, `0` wrong. */
  answers: Map<string, string>
}

export type Answered = { task: string; verdict: SolverVerdict }

export const emptyRecord = (): TaskRecord => ({ added: new Map(), answers: new Map() })

/** Adds answers in the order of their ids, and keeps the newest `window` per task. */
export function noteAnswers(record: TaskRecord, found: readonly Answered[], window: number): void {
  for (const { task, verdict } of found) {
    if (verdict === 'ungraded') continue
    const before = record.answers.get(task) ?? ''
    record.answers.set(task, `${before}${verdict === 'correct' ? 1 : 0}`.slice(-window))
  }
}

/** Share of the newest answers that were right; null if there is none yet. */
export function knownSuccess(record: TaskRecord, task: string): number | null {
  const answers = record.answers.get(task)
  if (!answers) return null
  return answers.replaceAll('0', '').length / answers.length
}

/** The weight of a task without answers: the mean of s(1 - s) over all s. */
export const unknownWeight = 1 / 6

/** s(1 - s): how much the answers to a task vary, and so how much there is to learn. */
export function learnabilityWeight(record: TaskRecord, task: string): number {
  const success = knownSuccess(record, task)
  return success === null ? unknownWeight : success * (1 - success)
}

/** Newer tasks weigh more: the weight is the step in which a task came, plus 1. */
export function recencyWeight(record: TaskRecord, task: string): number {
  return (record.added.get(task) ?? 0) + 1
}
