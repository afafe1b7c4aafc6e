/**
 * Which held-out suites are due at a step, and how. Pure: what lies in a suite is not known here.
 */
import type { EvaluationSettings } from './settings.ts'
import { suiteName } from './suite-name.ts'
import type { EvaluationMode } from './task.ts'

export type SuitesPart = { suites: string[]; items: number | null; modes: EvaluationMode[] }

const named = (part: SuitesPart): SuitesPart => ({ ...part, suites: part.suites.map(suiteName) })

/**
 * What the policy of a step answers: the slice of the curve every so many steps and at both ends,
 * the suites that are reported at the end. Step 0 scores of these only what the slice names as
 * well, so that self-play begins at once.
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
 * What the base answers at the end of a run, beside the trained policy; `known`: what it has done.
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
