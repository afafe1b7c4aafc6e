/** What a chart shows: as columns for uPlot, smoothed, and in words. Draws nothing, asks nothing. */
import type { Place } from '../state.ts'

export type Point = readonly [step: number, value: number]
export type Series = {
  name: string
  /** A colour of the palette or of a kind, as a custom property without its dashes. */
  color: string
  points: readonly Point[]
  band?: readonly (readonly [step: number, low: number, high: number])[]
  /** Stands in the legend in place of the last value. */
  note?: string
  isDashed?: boolean
  /** Another run's: its steps took another time. */
  run?: string
  /** The rows that it was counted from are listed under this, and its step. */
  query?: Place['query']
}

/** Where a step stands on the axis; null: nowhere, as its time is not known. */
export type ToX = (step: number, run?: string) => number | null

export function short(value: number): string {
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en')
  return value !== 0 && size < 0.01 ? value.toExponential(1) : String(+value.toPrecision(3))
}

/**
 * Exponential moving average, without the pull of a beginning at 0: the mean of all values so far,
 * each worth `weight` times the one after it.
 */
export function smooth(points: readonly Point[], weight: number): Point[] {
  let [sum, total] = [0, 0]
  return points.map(([step, value]) => {
    sum = sum * weight + value
    total = total * weight + 1
    return [step, sum / total] as const
  })
}

/** Columns of a series: what is drawn, what lies behind it unsmoothed, and its band. */
export const columnsEach = 4

export type Columns = {
  /** uPlot's: x, then the columns of each series. */
  data: (number | null)[][]
  /** The step at each x, of the first series that has one there. */
  steps: number[]
}

const behind = (values: readonly Point[], isLog: boolean) =>
  isLog ? values.filter(([, value]) => value > 0) : values

/** All series on one axis. On a logarithmic one there is no place for 0 and below. */
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
    // Scores with an interval are few, and say themselves how sure they are.
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

/** A curve for who does not see it. */
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
