/**
 * Moves through a chart's points by keyboard. Left and right go from point to point, Home and End
 * to the ends, up and down from curve to curve. + and − zoom, 0 shows the whole axis, and Enter
 * opens the rows.
 */
import type uPlot from 'uplot'
import { type Columns, columnsEach, type Series } from './series.ts'
import { pointed, pointTo, zoom } from './settings.ts'

/** The indices at which a curve has a point. */
function pointsOf(plot: uPlot, chosen: number): number[] {
  const values = plot.data[columnsEach * chosen + 1] ?? []
  return Array.from(values).flatMap((value, i) => (typeof value === 'number' ? [i] : []))
}

const xOf = (plot: uPlot, index: number) => plot.data[0][index] as number

/** Moves the cursor to a point, and shifts the shown range if the point is outside of it. */
function pointAt(plot: uPlot, { steps }: Columns, index: number): void {
  const x = xOf(plot, index)
  if (zoom.value !== null) {
    const [low, high] = zoom.value
    const by = x < low ? x - low : x > high ? x - high : 0
    if (by !== 0) zoom.value = [low + by, high + by]
  }
  pointTo({ x, step: steps[index] as number })
}

function move(plot: uPlot, columns: Columns, chosen: number, key: string): void {
  const all = pointsOf(plot, chosen)
  const at = pointed.value?.x ?? null
  const after = all.findIndex(index => at !== null && xOf(plot, index) > at)
  const before = all.findLastIndex(index => at !== null && xOf(plot, index) < at)
  const last = all.length - 1
  const places: Record<string, number> = {
    ArrowRight: at === null ? 0 : after < 0 ? last : after,
    ArrowLeft: at === null ? last : Math.max(0, before),
    Home: 0,
    End: last,
  }
  const index = all[places[key] as number]
  if (index !== undefined) pointAt(plot, columns, index)
}

function scale(plot: uPlot, factor: number): void {
  const { min = 0, max = 1 } = plot.scales.x as { min?: number; max?: number }
  const middle = pointed.value?.x ?? (min + max) / 2
  const half = ((max - min) * factor) / 2
  const all = plot.data[0]
  const isAll = factor > 1 && middle - half <= 0 && middle + half >= (all.at(-1) ?? 0)
  zoom.value = isAll ? null : [Math.max(0, middle - half), middle + half]
}

export type Keyed = {
  series: readonly Series[]
  columns: Columns
  chosen: number
  follow: () => void
}

/** Returns the selected curve after the key; undefined for keys without a function. */
export function handleKey(
  plot: uPlot,
  { series, columns, chosen, follow }: Keyed,
  key: string,
): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowLeft':
    case 'Home':
    case 'End':
      move(plot, columns, chosen, key)
      return chosen
    case 'ArrowDown':
      return (chosen + 1) % series.length
    case 'ArrowUp':
      return (chosen + series.length - 1) % series.length
    case '+':
    case '=':
      scale(plot, 0.5)
      return chosen
    case '-':
      scale(plot, 2)
      return chosen
    case '0':
      zoom.value = null
      return chosen
    case 'Escape':
      pointTo(null)
      return chosen
    case 'Enter':
      follow()
      return chosen
    default:
      return undefined
  }
}
