/** Which held-out suites are due at a step, and how. Pure: what lies in a suite is not known here. */
import type { EvaluationSettings } from './settings.ts'
import { suiteName } from './suite-name.ts'
import type { EvaluationMode } from './task.ts'

export type SuitesPart = { suites: string[]; items: number | null; modes: EvaluationMode[] }

/** The fixed slice of the curve first, then at both ends of the run the suites that are reported. */
export function suitesDue({ steps, evaluate }: EvaluationSettings, step: number): SuitesPart[] {
  const { suites, items, modes, every, between, start } = evaluate
  const isEnd = step === 0 || step === steps
  const due = [
    ...(isEnd || step % every === 0 ? [between] : []),
    ...((step === 0 && start) || step === steps ? [{ suites, items, modes }] : []),
  ]
  return due.map(part => ({ ...part, suites: part.suites.map(suiteName) }))
}
