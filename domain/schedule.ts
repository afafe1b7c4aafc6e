/**
 * Decides which held-out suites are due at a step, and how. Pure: it does not know a suite's items.
 */
import type { EvaluationSettings } from './settings.ts'
import { suiteName } from './suite-name.ts'
import type { EvaluationMode } from './task.ts'

export type SuitesPart = { suites: string[]; items: number | null; modes: EvaluationMode[] }

const named = (part: SuitesPart): SuitesPart => ({ ...part, suites: part.suites.map(suiteName) })

/**
 * The suites of a step's policy: the slice of the curve every so many steps and at both ends, and
 * the reported suites at the end. Step 0 scores only those that the slice names, so that self-play
 * begins at once.
 */
export function suitesDue({ steps, evaluate }: EvaluationSettings, step: number): SuitesPart[] {
  const { suites, items, modes, every, between, start } = evaluate
  const isLast = step === steps
  const isEnd = step === 0 || isLast
  const early = start && step === 0 ? suites.filter(name => between.suites.includes(name)) : []
  const full = isLast ? suites : early
  return [
    ...(isEnd || step % every === 0 ? [named(between)] : []),
    ...(full.length > 0 || isLast ? [named({ suites: full, items, modes })] : []),
  ]
}

/**
 * The suites that the base model answers at the end of a run, with the trained policy. `known`
 * lists what it has answered.
 */
export function baseSuitesDue(
  { steps, evaluate }: EvaluationSettings,
  step: number,
  known: ReadonlySet<string>,
): SuitesPart[] {
  const { suites, items, modes, start } = evaluate
  if (!start || step === 0 || step !== steps) return []
  const missing = suites.map(suiteName).filter(name => !known.has(name))
  return missing.length > 0 ? [{ suites: missing, items, modes }] : []
}
