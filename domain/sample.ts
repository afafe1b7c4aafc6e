/** A short form of an invented task and its answers, for people. */
import type { Kind, Pair } from './task.ts'

export type GivenAnswer = { text: string; parsed: string | null; verdict: string }

/** Equal answers are grouped. `working` is the model's text before its answer. */
export type AnswerGroup = {
  answer: string
  working: string | null
  verdict: string
  count: number
}

export type Sample = {
  id: string
  step: number
  kind: Kind
  program: string
  pairs: Pair[]
  message: string
  /** The share of `estimates` that was right (s in the paper). */
  success_rate: number
  estimates: number
  answers: AnswerGroup[]
}

/** `<T>working<A>` of the compact dialect, or the text before `</think>`; null if there is none. */
export function workingOf(text: string): string | null {
  const found = /^<T>([\s\S]*?)<A>/.exec(text) ?? /^([\s\S]*?)<\/think>/.exec(text)
  return found?.[1]?.trim() || null
}

/** Right answers first, then answers with working, then the most frequent ones. */
export function groupAnswers(given: readonly GivenAnswer[]): AnswerGroup[] {
  const groups = new Map<string, AnswerGroup>()
  for (const { text, parsed, verdict } of given) {
    const answer = parsed ?? text
    const working = workingOf(text)
    const key = JSON.stringify([answer, verdict, working !== null])
    const group = groups.get(key)
    if (group) group.count += 1
    else groups.set(key, { answer, working, verdict, count: 1 })
  }
  const rank = ({ verdict, working }: AnswerGroup) =>
    (verdict === 'correct' ? 2 : 0) + (working === null ? 0 : 1)
  return [...groups.values()].sort((a, b) => rank(b) - rank(a) || b.count - a.count)
}
