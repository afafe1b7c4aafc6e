/**
 * The judge with a memory: a verdict is a pure function of the task, the answer's text and the
 * limits, so equal answers to a task are run once in this process. Rows are made for each of them
 * all the same. Not here: what is right, which its kind decides.
 */
import type { Limits } from '../../../domain/execution.ts'
import { type Judged, type JudgeSandbox, judge, toolsOf } from '../../../domain/kinds/judge.ts'
import type { Question, TaskKind } from '../../../domain/kinds/kind.ts'

/** `id` is the answer's; `task` is the task's hash. */
export type Verdicts = (
  answer: { id: string; task: string },
  kind: TaskKind,
  question: Question,
  limits: Limits,
  signal?: AbortSignal,
) => Promise<Judged>

const kept = 20_000

export function createVerdicts(sandbox: JudgeSandbox): Verdicts {
  const known = new Map<string, Promise<Judged>>()
  return ({ task }, kind, question, limits, signal) => {
    const key = `${task}/${limits.timeoutMs}/${question.answer}`
    const found = known.get(key)
    if (found) return found
    const made = judge(kind, question, toolsOf(sandbox, limits, signal))
    known.set(key, made)
    for (const oldest of known.keys()) {
      if (known.size <= kept) break
      known.delete(oldest)
    }
    const forget = () => known.get(key) === made && known.delete(key)
    // What the sandbox failed at is asked again.
    made.then(found => found.type === 'judged' && found.isUngraded && forget(), forget)
    return made
  }
}
