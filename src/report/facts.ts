/** Reads the facts of a report from a run's rows, once. html.ts and markdown.ts format them. */

import type { Best } from '../../domain/best.ts'
import type { CorpusCounts } from '../../domain/corpus.ts'
import type { Line } from '../../domain/held-out.ts'
import type { Sample } from '../../domain/sample.ts'
import type { Kind } from '../../domain/task.ts'
import type { Row } from '../../state/types.ts'
import type { Contaminated } from './contamination.ts'

export type Totals = {
  steps: number
  proposals: number
  accepted: number
  rollouts: number
  executions: number
}

export type Facts = {
  name: string
  status: string
  run: Row<'run'>
  /** The last finished step. */
  step: number | null
  outcome: string | null
  worries: string[]
  /** The best checkpoint that is kept, by the config's measure. */
  best: Best | null
  /** The result of `azr contamination`; null if it was not run. */
  contamination: Contaminated | null
  /** The counts of the user's own code; null if it was given none. */
  corpus: CorpusCounts | null
  /** Seconds of work: the sum over the finished steps. */
  wallSeconds: number
  totals: Totals
  lines: Line[]
  evaluations: Row<'evaluations'>[]
  curves: Record<string, [step: number, value: number][]>
  samples: Record<Kind, Sample[]>
}

/** Knobs as paths, in their order. */
export function flat(tree: unknown, at = ''): [path: string, value: string][] {
  if (tree === null || typeof tree !== 'object' || Array.isArray(tree)) {
    return [[at, JSON.stringify(tree)]]
  }
  return Object.entries(tree).flatMap(([key, value]) => flat(value, at ? `${at}.${key}` : key))
}

/** The curves that readers look for first. The store has the others. */
const wanted =
  /^(?:(?:accuracy|reward\.\w+|learnable|success|duplicates|length\.\w+)\.all|loss|entropy|gradient\.norm|mismatch\.kl|clip\.fraction|buffer\.\w+)$/

export const shownCurves = (curves: Facts['curves']) =>
  Object.entries(curves).filter(([name, points]) => wanted.test(name) && points.length > 1)

export function bestLine({ best }: Facts): string {
  if (!best) return 'No kept checkpoint has a score.'
  const { step, value, measure } = best
  return `Best checkpoint: step ${step}, by ${measure} (${Number(value.toPrecision(4))})`
}

/** The first and last score of each suite, kind and mode. The curves show the scores between. */
export function endScores({ evaluations }: Facts): Facts['evaluations'] {
  const groups = Map.groupBy(evaluations, ({ suite, kind, mode }) => `${suite} ${kind} ${mode}`)
  const ends = [...groups.values()].flatMap(rows => [rows[0], ...rows.slice(1).slice(-1)])
  return ends.filter(row => row !== undefined)
}
