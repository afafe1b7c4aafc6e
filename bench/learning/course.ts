/**
 * Checks whether a long run keeps its gains, and whether its tasks stay learnable and new; and
 * makes its plots. Pure.
 */

import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { meanOf } from '../../domain/statistics.ts'
import type { Kind } from '../../domain/task.ts'
import { percent } from '../../lib/formats.ts'
import { chart } from '../../src/report/svg.ts'
import type { Course, Measured, Point } from './cells.ts'

export type Check = { claim: string; found: string; verdict: 'met' | 'missed' | 'not measured' }

export const check = (claim: string, found: string | null, isMet: boolean): Check =>
  found === null
    ? { claim, found: '–', verdict: 'not measured' }
    : { claim, found, verdict: isMet ? 'met' : 'missed' }

type Value = readonly [step: number, value: number]

/** The held-out slice of a kind, greedy, by step: the mean over its suites. */
function curveOf(curve: Point[], kind: Kind): Value[] {
  const mine = curve.filter(point => point.kind === kind && point.mode === 'greedy')
  const whole = new Set(mine.filter(({ step }) => step > 0).map(({ suite }) => suite))
  const slices = [...whole].filter(suite => suite.endsWith('-dev'))
  const byStep = Map.groupBy(
    mine.filter(({ suite }) => slices.includes(suite)),
    ({ step }) => step,
  )
  return [...byStep].map(([step, points]) => [step, meanOf(points.map(p => p.accuracy))] as const)
}

/** A mean over kinds in windows of steps, without steps whose value is unknown. */
export function windowed(course: Course[], of: (row: Course) => number | null, size: number) {
  const windows = Map.groupBy(course, ({ step }) => Math.ceil(step / size) * size)
  return [...windows].flatMap(([step, rows]): Value[] => {
    const values = rows.map(of).filter(value => value !== null)
    return values.length > 0 ? [[step, meanOf(values)]] : []
  })
}

/**
 * For the arm `long`: three ends of its curve are averaged, so that noise of one slice is no
 * decline.
 */
export function courseChecks(runs: Measured[]): Check[] {
  const claims = {
    fall: 'long: no kind ends more than 2 points below its best (means of three slices)',
    share: 'long: more than 25 % of accepted tasks are learnable, in every tenth of the run',
    fresh: 'long: new distinct tasks appear in every tenth of the run',
  }
  if (runs.length === 0) {
    return Object.values(claims).map(claim => ({ claim, found: '–', verdict: 'not measured' }))
  }
  const said = (isMet: boolean) => (isMet ? 'met' : 'missed')
  const falls = runs.flatMap(({ curve }) =>
    kinds.flatMap(kind => {
      const values = curveOf(curve, kind).map(([, value]) => value)
      const means = values.slice(2).map((_, i) => meanOf(values.slice(i, i + 3)))
      return means.length > 0 ? [Math.max(...means) - (means.at(-1) as number)] : []
    }),
  )
  const tenths = (of: (row: Course) => number | null) =>
    runs.flatMap(({ course, steps }) =>
      windowed(course, of, Math.max(1, Math.ceil(steps / 10))).map(([, value]) => value),
    )
  const fall = Math.max(...falls)
  const share = Math.min(...tenths(row => row.learnable))
  const fresh = Math.min(...tenths(row => row.added))
  return [
    { claim: claims.fall, found: `${(100 * fall).toFixed(1)} points`, verdict: said(fall <= 0.02) },
    { claim: claims.share, found: `least ${percent(share, 1)}`, verdict: said(share > 0.25) },
    {
      claim: claims.fresh,
      found: `least ${fresh.toFixed(1)} per step and kind`,
      verdict: said(fresh >= 1),
    },
  ]
}

const style =
  '<style>.axis{fill:none;stroke:#999}.line{fill:none;stroke:#06c;stroke-width:1.5}' +
  'circle{fill:#06c}text{font:11px sans-serif;fill:#666}</style>'

/** One file per plot, by name. */
export function plotsOf({ curve, course, steps }: Measured): Record<string, string> {
  const size = Math.max(1, Math.round(steps / 30))
  const drawn = (points: readonly Value[]) =>
    String(chart({ points }))
      .replace('<svg ', '<svg xmlns="http://www.w3.org/2000/svg" ')
      .replace('>', `>${style}`)
  return {
    ...Object.fromEntries(kinds.map(kind => [`greedy-${kind}`, drawn(curveOf(curve, kind))])),
    learnable: drawn(windowed(course, row => row.learnable, size)),
    accepted: drawn(windowed(course, row => row.accepted, size)),
    'new-tasks': drawn(windowed(course, row => row.added, size)),
    lines: drawn(windowed(course, row => row.lines, size)),
    correct: drawn(windowed(course, row => row.correct, size)),
  }
}
