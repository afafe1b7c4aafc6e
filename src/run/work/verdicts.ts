/**
 * Caches verdicts. A verdict is a pure function of the task, the answer's text and the limits, so
 * equal answers to a task are run once in this process. Each still gets its own rows. Its kind
 * decides what is right.
 */
import type { Limits } from '../../../domain/execution.ts'
import { type Judged, type JudgeSandbox, judge, toolsOf } from '../../../domain/kinds/judge.ts'
import type { Question, TaskKind } from '../../../domain/kinds/kind.ts'

/** `id` is the answer's id, `task` is the task's hash. */
export type Verdicts = (
  answer: { id: string; task: string },
  kind: TaskKind,
  question: Question,
  limits: Limits,
  signal?: AbortSignal,
) => Promise<Judged>

/** Equal answers to a task come close together. Answers to long tasks are long. */
const [kept, keptChars] = [2000, 4_000_000]

export function createVerdicts(sandbox: JudgeSandbox): Verdicts {
  const known = new Map<string, Promise<Judged>>()
  let chars = 0
  const forget = (key: string) => {
    if (known.delete(key)) chars -= key.length
  }
  return ({ task }, kind, question, limits, signal) => {
    const key = `${task}/${limits.timeoutMs}/${question.answer}`
    const found = known.get(key)
    if (found) return found
    const made = judge(kind, question, toolsOf(sandbox, limits, signal))
    known.set(key, made)
    chars += key.length
    for (const oldest of known.keys()) {
      if (known.size <= kept && chars <= keptChars) break
      forget(oldest)
    }
    const askAgain = () => known.get(key) === made && forget(key)
    // A failure of the sandbox is asked again.
    made.then(found => found.type === 'judged' && found.isUngraded && askAgain(), askAgain)
    return made
  }
}
