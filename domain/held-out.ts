/**
 * Scores of held-out suites as lines over the steps. Two scores share a line only if their suite,
 * kind, mode and items are the same. How far a line moved is computed in change.ts.
 */
import { deviationOf, type Interval, meanOf, sharesInterval } from './statistics.ts'
import type { Kind } from './task.ts'

/** One item at one step: its judged answers, and how many of them were right. */
export type ItemScore = { item: number; answers: number; correct: number }

/** All items of a suite, kind and mode at one step, including those without a judged answer. */
export type Sheet = { step: number; suite: string; kind: Kind; mode: string; scores: ItemScore[] }

export type Point = Interval & { step: number; value: number }

/**
 * `items` is their number; an equal `set` means the same items. `mode` says how answers count:
 * `mean@8`.
 */
export type Line = {
  suite: string
  kind: Kind
  mode: string
  items: number
  set: string
  points: Point[]
}

/**
 * Shares by item, under the name of the figure: one answer per item, or the mean or pass@k of k.
 */
export type Figure = Omit<Sheet, 'scores'> & {
  set: string
  size: number
  shares: Map<number, number>
}

export function figuresOf({ scores, ...rest }: Sheet): Figure[] {
  const judged = scores.filter(({ answers }) => answers > 0)
  const most = Math.max(0, ...scores.map(({ answers }) => answers))
  const places = scores.reduce((sum, { item }) => sum + item * item, 0)
  const set = `${scores.length}/${places}/${most}`
  const figure = (mode: string, share: (score: ItemScore) => number): Figure => {
    const shares = new Map(judged.map(score => [score.item, share(score)]))
    return { ...rest, mode, set, size: scores.length, shares }
  }
  if (most <= 1) return [figure(rest.mode, ({ correct }) => correct)]
  return [
    figure(`${rest.mode} mean@${most}`, ({ answers, correct }) => correct / answers),
    figure(`${rest.mode} pass@${most}`, ({ correct }) => Math.min(1, correct)),
  ]
}

function pointOf({ step, shares }: Figure): Point {
  const values = [...shares.values()]
  const value = meanOf(values)
  return { step, value, ...sharesInterval(value, deviationOf(values), values.length) }
}

/** Lines in the order of their first points; points in the order of steps. */
export function linesOf(sheets: readonly Sheet[]): Line[] {
  const figures = sheets.flatMap(figuresOf).filter(({ shares }) => shares.size > 0)
  const keyOf = ({ suite, kind, mode, set }: Figure) => [suite, kind, mode, set].join('\n')
  return [...Map.groupBy(figures, keyOf).values()].map(group => {
    const { suite, kind, mode, set, size: items } = group[0] as Figure
    const points = group.map(pointOf).sort((a, b) => a.step - b.step)
    return { suite, kind, mode, set, items, points }
  })
}
