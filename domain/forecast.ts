/** How much of a run is still to come: its steps, and the answers to held-out suites. Pure. */
import { baseSuitesDue, type SuitesPart, suitesDue } from './schedule.ts'
import type { EvaluationSettings } from './settings.ts'
import type { Kind } from './task.ts'

export type SuiteItems = readonly { suite: string; kind: Kind }[]

/** Items that are asked under these parts, and the answers to them. */
export function askedOf(
  parts: readonly SuitesPart[],
  items: SuiteItems,
  samples: number,
): [items: number, answers: number] {
  const counts = [...Map.groupBy(items, ({ suite, kind }) => `${suite}\n${kind}`).values()]
  const asked = parts.flatMap(({ suites, items: most, modes }) =>
    counts
      .filter(([first]) => first && suites.includes(first.suite))
      .map(({ length }) => {
        const number = Math.min(length, most ?? length)
        const each = modes.reduce((sum, mode) => sum + (mode === 'sampled' ? samples : 1), 0)
        return [number, number * each] as const
      }),
  )
  return [
    asked.reduce((sum, [number]) => sum + number, 0),
    asked.reduce((sum, [, answers]) => sum + answers, 0),
  ]
}

/** Answers to held-out suites that are due behind a step, by the policy and at the end the base. */
export function heldOutLeft(
  config: EvaluationSettings & { evaluate: { samples: number } },
  items: SuiteItems,
  step: number,
): number {
  const { steps, evaluate } = config
  const left = Array.from({ length: Math.max(0, steps - step) }, (_, i) =>
    suitesDue(config, step + 1 + i),
  )
  const base = step < steps ? baseSuitesDue(config, steps, new Set()) : []
  return askedOf([...left.flat(), ...base], items, evaluate.samples)[1]
}

/** The first step behind this one whose policy answers suites; null: none. */
export function nextScoredStep(config: EvaluationSettings, step: number): number | null {
  for (let next = step + 1; next <= config.steps; next++) {
    if (suitesDue(config, next).some(({ suites }) => suites.length > 0)) return next
  }
  return null
}
