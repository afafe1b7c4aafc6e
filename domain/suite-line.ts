/**
 * A held-out suite as one line over the steps: the mean over its kinds, each with the same weight,
 * at the steps that scored them all on the same items. Not here: the lines of a kind (held-out.ts).
 */
import type { SuiteChange } from './change.ts'
import type { Line, Point } from './held-out.ts'
import { inOrder } from './kinds/index.ts'
import { meanOf } from './statistics.ts'
import type { Kind } from './task.ts'

export type SuiteLine = {
  suite: string
  mode: string
  kinds: Kind[]
  /** Of all kinds together. */
  items: number
  points: Point[]
  /** From its first point to its last, paired over the items; null before there are two. */
  change: SuiteChange | null
}

const halfOf = ({ low, high }: Point) => (high - low) / 2

/** The kinds have items of their own, so their intervals add in squares. */
function meanPoint(step: number, points: readonly Point[]): Point {
  const value = meanOf(points.map(each => each.value))
  const half = Math.hypot(...points.map(halfOf)) / points.length
  return { step, value, low: Math.max(0, value - half), high: Math.min(1, value + half) }
}

/** Of a suite that was asked in several sizes, the one that was scored most often. */
function longest(lines: readonly Line[]): Line[] {
  const byKind = Map.groupBy(lines, ({ kind }) => kind)
  return inOrder(byKind.keys()).flatMap(kind => {
    const [line] = (byKind.get(kind) ?? []).toSorted(
      (a, b) => b.points.length - a.points.length || b.items - a.items,
    )
    return line ?? []
  })
}

export function suiteLinesOf(lines: readonly Line[], changes: readonly SuiteChange[]): SuiteLine[] {
  const groups = Map.groupBy(lines, ({ suite, mode }) => `${suite}\n${mode}`)
  return [...groups.values()].flatMap(group => {
    const each = longest(group)
    const { suite, mode } = group[0] as Line
    const steps = each[0]?.points.map(({ step }) => step) ?? []
    const points = steps.flatMap(step => {
      const there = each.flatMap(line => line.points.find(point => point.step === step) ?? [])
      return there.length === each.length ? meanPoint(step, there) : []
    })
    if (points.length === 0) return []
    const items = each.reduce((sum, line) => sum + line.items, 0)
    const change = changes.find(one => one.suite === suite && one.mode === mode) ?? null
    return [{ suite, mode, kinds: each.map(({ kind }) => kind), items, points, change }]
  })
}
