/**
 * Measures how far held-out scores moved from the first to the last evaluation of the same items,
 * with an interval. The interval covers the choice of items, not other seeds.
 */
import { type Figure, figuresOf, type Sheet } from './held-out.ts'
import { inOrder } from './kinds/index.ts'
import { type Interval, meanOf, pairedInterval } from './statistics.ts'
import type { Kind } from './task.ts'

/** The change of one kind, or of the mean over kinds. The interval is that of the difference. */
export type Change = {
  items: number
  before: number
  after: number
  difference: number
  interval: Interval
}

export type SuiteChange = Change & {
  suite: string
  mode: string
  firstStep: number
  lastStep: number
  kinds: (Change & { kind: Kind })[]
}

/** Compares the items that both evaluations judged, pair by pair. */
function changeOf(first: Figure, last: Figure): Change {
  const pairs = [...first.shares].flatMap(([item, before]) => {
    const after = last.shares.get(item)
    return after === undefined ? [] : [[before, after] as const]
  })
  const differences = pairs.map(([before, after]) => after - before)
  return {
    items: pairs.length,
    before: meanOf(pairs.map(([before]) => before)),
    after: meanOf(pairs.map(([, after]) => after)),
    difference: meanOf(differences),
    interval: pairedInterval(differences),
  }
}

/**
 * The mean over kinds, equally weighted. The kinds have separate items, so the half-widths of their
 * intervals add in squares: half = √(Σ half²) / kinds.
 */
function meanChange(changes: readonly Change[]): Change {
  const centre = meanOf(changes.map(({ interval: { low, high } }) => (low + high) / 2))
  const halves = changes.map(({ interval: { low, high } }) => (high - low) / 2)
  const half = Math.hypot(...halves) / changes.length
  return {
    items: changes.reduce((sum, { items }) => sum + items, 0),
    before: meanOf(changes.map(({ before }) => before)),
    after: meanOf(changes.map(({ after }) => after)),
    difference: meanOf(changes.map(({ difference }) => difference)),
    interval: { low: centre - half, high: centre + half },
  }
}

type Span = { first: Figure[]; last: Figure[]; length: number; size: number }

/** The two evaluations farthest apart that have the same kinds and items. */
function widest(figures: readonly Figure[]): Span | null {
  const steps = [...Map.groupBy(figures, ({ step }) => step).values()]
  const setsOf = (group: Figure[]) =>
    group
      .map(({ kind, set }) => `${kind} ${set}`)
      .sort()
      .join()
  const spans = [...Map.groupBy(steps, setsOf).values()].map(groups => {
    const sorted = groups.sort((a, b) => (a[0] as Figure).step - (b[0] as Figure).step)
    const [first = [], last = []] = [sorted[0], sorted.at(-1)]
    const size = first.reduce((sum, figure) => sum + figure.size, 0)
    return { first, last, size, length: (last[0]?.step ?? 0) - (first[0]?.step ?? 0) }
  })
  const best = spans.sort((a, b) => b.length - a.length || b.size - a.size)[0]
  return best && best.length > 0 ? best : null
}

/** The change of each suite and mode that was scored at least twice on the same items. */
export function changesOf(sheets: readonly Sheet[]): SuiteChange[] {
  const figures = sheets.flatMap(figuresOf)
  const groups = Map.groupBy(figures, ({ suite, mode }) => `${suite}\n${mode}`)
  return [...groups.values()].flatMap(group => {
    const span = widest(group)
    if (!span) return []
    const each = inOrder(span.first.map(({ kind }) => kind)).flatMap(kind => {
      const [before, after] = [span.first, span.last].map(all => all.find(one => one.kind === kind))
      const change = before && after && changeOf(before, after)
      return change && change.items > 0 ? [{ kind, ...change }] : []
    })
    if (each.length === 0) return []
    const { suite, mode, step: firstStep } = span.first[0] as Figure
    const lastStep = (span.last[0] as Figure).step
    return [{ suite, mode, firstStep, lastStep, ...meanChange(each), kinds: each }]
  })
}
