/** A curve of the size of a word: the course of a score. */
import { percent } from '../../lib/formats.ts'

type Point = readonly number[]
const [width, height, margin] = [96, 24, 2]

export function Spark({ points, label }: { points: readonly Point[]; label: string }) {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last) return null
  const steps = points.map(([step = 0]) => step)
  const values = points.map(([, value = 0]) => value)
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = Math.max(...steps) - Math.min(...steps) || 1
  const x = (step: number) => margin + ((step - Math.min(...steps)) / span) * (width - 2 * margin)
  const y = (value: number) =>
    height - margin - ((value - low) / (high - low || 1)) * (height - 2 * margin)
  const path = points.map(([step = 0, value = 0]) => `${x(step)},${y(value)}`).join(' ')
  const words = `${label}: from ${percent(first[1] ?? 0, 1)} at step ${first[0]} to ${percent(last[1] ?? 0, 1)} at step ${last[0]}`
  return (
    <svg class="spark" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
      <polyline points={path} />
      <circle cx={x(last[0] ?? 0)} cy={y(last[1] ?? 0)} r="2" />
    </svg>
  )
}
