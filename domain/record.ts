/**
 * What is known of the tasks in the buffers beyond the tasks themselves: when each came, and the
 * newest answers to it. A function of stored rows, kept in memory from one step to the next.
 */
import type { SolverVerdict } from './reward.ts'

export type TaskRecord = {
  /** Step in which a task was accepted, by hash. */
  added: Map<string, number>
  /** The newest graded answers, oldest first: `1` right, `0` not. */
  answers: Map<string, string>
}

export type Answered = { task: string; verdict: SolverVerdict }

export const emptyRecord = (): TaskRecord => ({ added: new Map(), answers: new Map() })

/** Takes answers in the order of their ids; of each task the newest `window` stay. */
export function noteAnswers(record: TaskRecord, found: readonly Answered[], window: number): void {
  for (const { task, verdict } of found) {
    if (verdict === 'ungraded') continue
    const before = record.answers.get(task) ?? ''
    record.answers.set(task, `${before}${verdict === 'correct' ? 1 : 0}`.slice(-window))
  }
}

/** Share of the newest answers that were right; null where nobody answered yet. */
export function knownSuccess(record: TaskRecord, task: string): number | null {
  const answers = record.answers.get(task)
  if (!answers) return null
  return answers.replaceAll('0', '').length / answers.length
}

/** Of a task that nobody answered: the mean of s(1 - s) if every s were as likely. */
export const unknownWeight = 1 / 6

/** s(1 - s): how much the answers to a task differ, so how much can be learned from them. */
export function learnabilityWeight(record: TaskRecord, task: string): number {
  const success = knownSuccess(record, task)
  return success === null ? unknownWeight : success * (1 - success)
}

/** Newer tasks weigh more: the step in which a task came, plus 1. */
export function recencyWeight(record: TaskRecord, task: string): number {
  return (record.added.get(task) ?? 0) + 1
}
