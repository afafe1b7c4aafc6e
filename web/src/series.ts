/** What a chart shows: as columns for uPlot, and in words. Draws nothing. */
import type uPlot from 'uplot'
import type { Place } from './state.ts'

type Point = readonly [step: number, value: number]
export type Series = {
  name: string
  /** A custom property of style.css, without its dashes. */
  color: string
  points: readonly Point[]
  band?: readonly (readonly [step: number, low: number, high: number])[]
  /** Stands in the legend in place of the last value. */
  note?: string
  /** Another run's. */
  isDashed?: boolean
  /** The rows that it was counted from are listed under this, and its step. */
  query?: Place['query']
}

export const short = (value: number) =>
  value !== 0 && Math.abs(value) < 0.01 ? value.toExponential(1) : String(+value.toPrecision(3))

type Aligned = [number[], ...(number | null)[][]]

/** All series on one axis; a band is two more, invisible. */
export function align(series: Series[]): Aligned {
  const steps = [...new Set(series.flatMap(({ points }) => points.map(([step]) => step)))].sort(
    (a, b) => a - b,
  )
  const place = new Map(steps.map((step, i) => [step, i]))
  const spread = (pairs: (readonly [number, number])[]) => {
    const values: (number | null)[] = Array(steps.length).fill(null)
    for (const [step, value] of pairs) values[place.get(step) as number] = value
    return values
  }
  const columns = series.flatMap(({ points, band = [] }) => [
    spread([...points]),
    spread(band.map(([step, low]) => [step, low] as const)),
    spread(band.map(([step, , high]) => [step, high] as const)),
  ])
  return [steps, ...columns]
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

/** What the cursor points at, in words. */
export function describe(plot: uPlot, series: Series[], format: (value: number) => string): string {
  const at = plot.cursor.idx
  if (at === null || at === undefined) return ''
  const values = series.flatMap(({ name }, i) => {
    const value = plot.data[3 * i + 1]?.[at]
    return typeof value === 'number' ? `${name} ${format(value)}` : []
  })
  const step = plot.data[0][at] as number
  const leads = series.some(({ query }) => query !== undefined)
  return `step ${step}: ${values.join(', ')}${leads ? ' · click for its rows' : ''}`
}
