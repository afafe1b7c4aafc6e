/**
 * Makes the table from measured runs. Per arm, suite and kind it has each figure at the start and
 * the end, as the mean over the seeds. It has the gain with paired 95 % intervals: over seeds
 * (Student), and over items (bootstrap of each item's gain, itself a mean over seeds). Pure. All
 * values are fractions.
 */

import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { stream } from '../../domain/rng.ts'
import {
  bootstrapInterval,
  type Interval,
  meanOf,
  passRate,
  studentInterval,
} from '../../domain/statistics.ts'
import type { EvaluationMode, Kind } from '../../domain/task.ts'
import { type Cell, cellIn, cut, type Measured } from './cells.ts'

type Spec = {
  mode: EvaluationMode
  of: (cell: Cell) => number | null
  each?: (share: number) => number
}

/** For cells under a title that says percent. */
export const inPercent = (share: number) => (100 * share).toFixed(1)
/** Signed, in percentage points. */
export const points = (value: number) =>
  `${value >= 0 ? '+' : '−'}${Math.abs(100 * value).toFixed(1)}`

export function scratchShare({ scratched, items, samples }: Cell): number | null {
  if (scratched === null) return null
  return items === 0 ? 0 : scratched / (items * samples)
}

/**
 * The reported figures, in the order of the columns. `each` gives the same for one item, if useful.
 */
export const figures = {
  greedy: { mode: 'greedy', of: cell => cell.accuracy, each: share => share },
  mean: { mode: 'sampled', of: cell => cell.accuracy, each: share => share },
  pass: { mode: 'sampled', of: passRate, each: share => (share > 0 ? 1 : 0) },
  greedyScratch: { mode: 'greedy', of: scratchShare },
  sampledScratch: { mode: 'sampled', of: scratchShare },
  direct: { mode: 'direct', of: cell => cell.accuracy },
  scratch: { mode: 'scratch', of: cell => cell.accuracy },
} as const satisfies Record<string, Spec>
export type FigureName = keyof typeof figures
export const figureNames = Object.keys(figures) as FigureName[]

export type Gain = { mean: number; bySeed: Interval | null; byItem: Interval | null }
export type Figure = { start: number; end: number; gain: Gain }
export type Line = {
  arm: string
  suite: string
  kind: Kind | 'mean'
  seeds: number[]
  figures: Partial<Record<FigureName, Figure>>
}

/** One run's figure: the mean over kinds if all of them exist. */
function figureIn(cells: Cell[], suite: string, kind: Line['kind'], name: FigureName) {
  const { mode, of } = figures[name] as Spec
  const wanted = kind === 'mean' ? kinds : [kind]
  const values = wanted.flatMap(one => {
    const cell = cellIn(cells, suite, one, mode)
    return cell ? (of(cell) ?? []) : []
  })
  return values.length === wanted.length ? meanOf(values) : null
}

/** Each item's gain, averaged over the runs; null if runs have different items. */
function itemGains(runs: Measured[], suite: string, kind: Kind, { mode, each }: Spec) {
  if (!each) return null
  const pairs = runs.flatMap(run => {
    const [start, end] = [run.start, run.end].map(cells => cellIn(cells, suite, kind, mode))
    return start && end ? [{ start: start.shares, end: end.shares }] : []
  })
  const count = pairs[0]?.end.length ?? 0
  if (count === 0 || pairs.some(pair => pair.start.length !== count || pair.end.length !== count)) {
    return null
  }
  return Array.from({ length: count }, (_, i) =>
    meanOf(pairs.map(({ start, end }) => each(end[i] as number) - each(start[i] as number))),
  )
}

function figureOf(runs: Measured[], suite: string, kind: Line['kind'], name: FigureName) {
  const pairs = runs.flatMap(run => {
    const start = figureIn(run.start, suite, kind, name)
    const end = figureIn(run.end, suite, kind, name)
    return start === null || end === null ? [] : [{ start, end }]
  })
  if (pairs.length === 0) return null
  const gains = pairs.map(({ start, end }) => end - start)
  const groups = (kind === 'mean' ? kinds : [kind]).map(one =>
    itemGains(runs, suite, one, figures[name]),
  )
  const isWhole = groups.every(group => group !== null)
  const rng = stream(0, 'bootstrap', runs[0]?.arm ?? '', suite, kind, name)
  return {
    start: meanOf(pairs.map(({ start }) => start)),
    end: meanOf(pairs.map(({ end }) => end)),
    gain: {
      mean: meanOf(gains),
      bySeed: studentInterval(gains),
      byItem: isWhole ? bootstrapInterval(groups as number[][], rng) : null,
    },
  }
}

export function tableOf(measured: Measured[], suites: string[]): Line[] {
  const byArm = Map.groupBy(measured, ({ arm }) => arm)
  return [...byArm].flatMap(([arm, runs]) =>
    suites.flatMap(suite =>
      ([...kinds, 'mean'] as const).map((kind): Line => {
        const found = figureNames.flatMap(name => {
          const figure = figureOf(runs, suite, kind, name)
          return figure ? [[name, figure] as const] : []
        })
        return {
          arm,
          suite,
          kind,
          seeds: runs.map(({ seed }) => seed),
          figures: Object.fromEntries(found),
        }
      }),
    ),
  )
}

export const lineOf = (lines: Line[], arm: string, suite: string, kind: Line['kind'] = 'mean') =>
  lines.find(line => line.arm === arm && line.suite === suite && line.kind === kind)

export type Difference = {
  arm: string
  suite: string
  figure: FigureName
  seeds: number
  /** Gains of the first arm and of this one, on the same seeds and items. */
  gains: [number, number]
  mean: number
  bySeed: Interval | null
}

/** Both measurements, cut to the items that both answered. */
function alike([one, other]: [Measured, Measured]): [Measured, Measured] {
  const count = ({ end }: Measured) =>
    Math.min(...end.flatMap(({ mode, shares }) => (mode === 'sampled' ? shares.length : [])))
  const items = Math.min(count(one), count(other))
  const part = (run: Measured) => ({
    ...run,
    start: run.start.map(cell => cut(cell, items)),
    end: run.end.map(cell => cut(cell, items)),
  })
  return [part(one), part(other)]
}

/** The first arm's gain minus each other's: the mean over kinds, paired by seed. */
export function differences(measured: Measured[], suites: string[], first: string): Difference[] {
  const gainOf = (run: Measured, suite: string, figure: FigureName) => {
    const [start, end] = [run.start, run.end].map(cells => figureIn(cells, suite, 'mean', figure))
    return start == null || end == null ? null : end - start
  }
  const others = [...new Set(measured.map(({ arm }) => arm))].filter(arm => arm !== first)
  return others.flatMap(arm =>
    suites.flatMap(suite =>
      (['greedy', 'mean', 'pass'] as const).flatMap((figure): Difference[] => {
        const pairs = measured.flatMap(run => {
          if (run.arm !== first) return []
          const other = measured.find(one => one.arm === arm && one.seed === run.seed)
          if (!other) return []
          const [mine, theirs] = alike([run, other]).map(one => gainOf(one, suite, figure))
          return mine == null || theirs == null ? [] : [{ mine, theirs }]
        })
        if (pairs.length === 0) return []
        const values = pairs.map(({ mine, theirs }) => mine - theirs)
        const [mine, theirs] = [meanOf(pairs.map(p => p.mine)), meanOf(pairs.map(p => p.theirs))]
        const [mean, bySeed] = [meanOf(values), studentInterval(values)]
        return [{ arm, suite, figure, seeds: pairs.length, gains: [mine, theirs], mean, bySeed }]
      }),
    ),
  )
}
