/** The data of a chart: columns for uPlot, smoothed values, a description in words. Pure. */
import type { Place } from '../state.ts'

export type Point = readonly [step: number, value: number]
export type Series = {
  name: string
  /** The name of a colour of the palette or of a kind: a custom property without its dashes. */
  color: string
  points: readonly Point[]
  band?: readonly (readonly [step: number, low: number, high: number])[]
  /** The legend shows this instead of the last value. */
  note?: string
  isDashed?: boolean
  /** Set if the points belong to another run, whose steps ended at other times. */
  run?: string
  /** The filter of the rows that a point was counted from, if it belongs to one step. */
  query?: Place['query']
}

/** A step's position on the axis; null if its time is unknown. */
export type ToX = (step: number, run?: string) => number | null

export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  return value !== 0 && size < 0.01 ? value.toExponential(1) : String(+value.toPrecision(3))
}

/**
 * Exponential moving average that does not start from 0: the mean of all values so far, in which
 * each value weighs `weight` times as much as the next one.
 */
export function smooth(points: readonly Point[], weight: number): Point[] {
  let [sum, total] = [0, 0]
  return points.map(([step, value]) => {
    sum = sum * weight + value
    total = total * weight + 1
    return [step, sum / total] as const
  })
}

/** Columns of a series: the curve, the unsmoothed points behind it, both ends of its band. */
export const columnsEach = 4

export type Columns = {
  /** uPlot's columns: x, then the columns of each series. */
  data: (number | null)[][]
  /** The step at each x, from the first series that has a point there. */
  steps: number[]
}

const behind = (values: readonly Point[], isLog: boolean) =>
  isLog ? values.filter(([, value]) => value > 0) : values

/** Puts all series on one axis. A logarithmic axis leaves out values of 0 and below. */
export function align(
  series: readonly Series[],
  { toX, weight, isLog }: { toX: ToX; weight: number; isLog: boolean },
): Columns {
  const at = new Map<number, number>()
  const place = (step: number, run?: string) => {
    const x = toX(step, run)
    if (x !== null && !at.has(x)) at.set(x, step)
    return x
  }
  const parts = series.flatMap(({ points, band = [], run }) => {
    const shown = behind(points, isLog)
    // Scores with an interval are not smoothed: they are few, and the interval shows their
    // uncertainty.
    const isSmooth = weight > 0 && points.length > 2 && band.length === 0
    const columns: (readonly Point[])[] = [
      isSmooth ? behind(smooth(points, weight), isLog) : shown,
      isSmooth ? shown : [],
      isSmooth
        ? []
        : behind(
            band.map(([step, low]) => [step, low] as const),
            isLog,
          ),
      isSmooth
        ? []
        : behind(
            band.map(([step, , high]) => [step, high] as const),
            isLog,
          ),
    ]
    return columns.map(column => column.map(([step, value]) => [place(step, run), value] as const))
  })
  const xs = [...at.keys()].sort((a, b) => a - b)
  const index = new Map(xs.map((x, i) => [x, i]))
  const columns = parts.map(part => {
    const values: (number | null)[] = Array(xs.length).fill(null)
    for (const [x, value] of part) if (x !== null) values[index.get(x) as number] = value
    return values
  })
  return { data: [xs, ...columns], steps: xs.map(x => at.get(x) as number) }
}

/** Describes a curve for screen readers. */
export function inWords({ name, points }: Series, format: (value: number) => string): string {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return ''
  const values = points.map(([, value]) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)].map(value => format(value))
  const at = ([step, value]: Point) => `${format(value)} at step ${step}`
  return `${name}: from ${at(first)} to ${at(last)}, lowest ${low}, highest ${high}`
}

/** The last point at or before a step. */
export function pointAt(points: readonly Point[], step: number): Point | undefined {
  return points.findLast(point => point[0] <= step)
}
