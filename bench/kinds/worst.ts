/** Finds the worst stretch of a curve: the window of steps with the lowest mean. Pure. */
import type { Curve } from '../../domain/health/health.ts'
import { mean } from '../../domain/metrics.ts'

export const windowSteps = 5
/** A kind dies if fewer of its proposals are valid over a window. */
export const leastValid = 0.3

/** For a curve shorter than a window, its mean; null if it has no points. */
export function worstOf(points: Curve): { step: number; value: number } | null {
  const starts = points.slice(0, Math.max(1, points.length - windowSteps + 1))
  const windows = starts.map(([step], i) => {
    const values = points.slice(i, i + windowSteps).map(([, value]) => value)
    return { step, value: mean(values) as number }
  })
  return windows.toSorted((a, b) => a.value - b.value)[0] ?? null
}
