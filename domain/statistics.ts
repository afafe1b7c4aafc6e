/**
 * Uncertainty of measurements: 95 % intervals of a share, a mean and a difference, and shares over
 * several answers per item. Pure arithmetic: it does not count anything.
 */
import type { Rng } from './rng.ts'

export type Interval = { low: number; high: number }

/** The 97.5th percentile of the normal distribution. */
const z = 1.959964

const clamp = (value: number) => Math.min(1, Math.max(0, value))

/**
 * Wilson's interval of one proportion (1927): `right` of `count` independent yes-or-no answers.
 * centre = (p + z²/2n) / (1 + z²/n), half = z √(p(1 − p)/n + z²/4n²) / (1 + z²/n).
 */
export function wilson(right: number, count: number): Interval {
  if (count === 0) return { low: 0, high: 1 }
  const p = right / count
  const scale = 1 + (z * z) / count
  const centre = (p + (z * z) / (2 * count)) / scale
  const half = (z * Math.sqrt((p * (1 - p)) / count + (z * z) / (4 * count * count))) / scale
  return { low: clamp(centre - half), high: clamp(centre + half) }
}

export function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Standard deviation of a sample, divided by n − 1; 0 for fewer than two values. */
export function deviationOf(values: readonly number[]): number {
  if (values.length < 2) return 0
  const mean = meanOf(values)
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / (values.length - 1))
}

/** mean ± z · deviation / √n: for a mean over many items, each with several answers. */
export function normalInterval(mean: number, deviation: number, count: number): Interval {
  const half = count === 0 ? 1 : (z * deviation) / Math.sqrt(count)
  return { low: clamp(mean - half), high: clamp(mean + half) }
}

/**
 * The interval of a mean of items' shares of right answers. If every share is 0 or 1 (then the
 * variance is mean · (1 − mean)), the mean is a proportion, and the interval is Wilson's over the
 * items. It is also Wilson's if all shares are equal, because then their spread says nothing: 0 of
 * 30 still leaves doubt. Otherwise it is the normal interval.
 */
export function sharesInterval(mean: number, deviation: number, count: number): Interval {
  const variance = (deviation * deviation * (count - 1)) / count
  const isProportion = Math.abs(variance - mean * (1 - mean)) < 1e-9
  if (isProportion || deviation === 0) return wilson(mean * count, count)
  return normalInterval(mean, deviation, count)
}

/** The columns of an `evaluations` row that its interval needs. */
export type Score = {
  items: number
  samples: number
  accuracy: number
  correct: number
  passed: number
  /** Standard deviation, over the items, of each item's share of right answers. */
  deviation: number
}

/** The interval of the accuracy: Wilson's for one answer per item, over the items for several. */
export function accuracyInterval(score: Score): Interval {
  const { items, samples, accuracy, correct, deviation } = score
  return samples === 1 ? wilson(correct, items) : sharesInterval(accuracy, deviation, items)
}

/** Share of items with at least one right answer of `samples`: pass@k for k = samples. */
export function passRate({ items, passed }: Pick<Score, 'items' | 'passed'>): number {
  return items === 0 ? 0 : passed / items
}

/** 97.5th percentiles of Student's t for 1 to 30 degrees of freedom. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145,
  2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048,
  2.045, 2.042,
]

/**
 * The interval of a mean of few values (for example differences by seed), with Student's t; null
 * below two values.
 */
export function studentInterval(values: readonly number[]): Interval | null {
  if (values.length < 2) return null
  const t = student[values.length - 2] ?? z
  const half = (t * deviationOf(values)) / Math.sqrt(values.length)
  const mean = meanOf(values)
  return { low: mean - half, high: mean + half }
}

/**
 * Percentile interval of the mean over groups (kinds) of each group's mean over its values (items).
 * It draws each group's values again with replacement; null if no group has two.
 */
export function bootstrapInterval(
  groups: readonly (readonly number[])[],
  rng: Rng,
  rounds = 1000,
): Interval | null {
  if (!groups.some(values => values.length > 1)) return null
  const redrawn = (values: readonly number[]) => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[rng.int(values.length)] as number
    return sum / Math.max(1, values.length)
  }
  const means = Array.from({ length: rounds }, () => meanOf(groups.map(redrawn)))
  means.sort((a, b) => a - b)
  const at = (share: number) => means[Math.round(share * (rounds - 1))] as number
  return { low: at(0.025), high: at(0.975) }
}

/**
 * The interval of a mean difference over paired items (Agresti and Min, 2005). It adds half a pair
 * for each way of differing, so that items which all agree still leave doubt. With d = after −
 * before: centre = Σd / (n + 2), half = z √(Σd² + 1 − (Σd)² / (n + 2)) / (n + 2).
 */
export function pairedInterval(differences: readonly number[]): Interval {
  const count = differences.length + 2
  const sum = differences.reduce((total, value) => total + value, 0)
  const squares = differences.reduce((total, value) => total + value * value, 1)
  const half = (z * Math.sqrt(squares - (sum * sum) / count)) / count
  return { low: sum / count - half, high: sum / count + half }
}

/** Unbiased pass@k (arXiv 2107.03374): 1 − C(n − c, k) / C(n, k), of n answers with c right. */
export function passAtK(count: number, right: number, k: number): number {
  if (count - right < k) return 1
  let missed = 1
  for (let i = count - right + 1; i <= count; i++) missed *= 1 - k / i
  return 1 - missed
}
