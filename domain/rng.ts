/**
 * Keyed randomness. Every draw is a pure function of a seed and the names of the drawn thing, never
 * of a clock or of an order of arrival.
 */
import { createHash } from 'node:crypto'
import { formatKey, type Key } from './key.ts'

export type Rng = {
  /** Uniform in [0, 1). */
  next: () => number
  /** Uniform in 0..n-1. */
  int: (n: number) => number
  shuffle: <T>(items: readonly T[]) => T[]
  /** min(n, items.length) different items, in random order. */
  sample: <T>(items: readonly T[], n: number) => T[]
  /** Like `sample`, but each item's probability is proportional to its weight. */
  weighted: <T>(items: readonly T[], weights: readonly number[], n: number) => T[]
}

/** sfc32 (Chris Doty-Humphrey's small fast counter), seeded by sha256 of the parts. */
export function stream(seed: number, ...parts: (string | number)[]): Rng {
  const digest = createHash('sha256')
    .update(`${seed}/${parts.join('/')}`)
    .digest()
  let [a, b, c, d] = [0, 4, 8, 12].map(at => digest.readInt32LE(at)) as [
    number,
    number,
    number,
    number,
  ]
  const next = () => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 4294967296
  }
  const int = (n: number) => Math.floor(next() * n)
  const sample = <T>(items: readonly T[], n: number): T[] => {
    const pool = items.slice()
    const count = Math.min(n, pool.length)
    for (let i = 0; i < count; i++) {
      const j = i + int(pool.length - i)
      ;[pool[i], pool[j]] = [pool[j] as T, pool[i] as T]
    }
    return pool.slice(0, count)
  }
  const weighted = <T>(items: readonly T[], weights: readonly number[], n: number): T[] => {
    // Efraimidis and Spirakis: the n largest of u ** (1 / w) are a sample without replacement.
    const scored = items.map((item, i) => {
      const weight = weights[i] ?? 0
      return { item, score: weight > 0 ? Math.log(1 - next()) / weight : Number.NEGATIVE_INFINITY }
    })
    return scored
      .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
      .sort((x, y) => y.score - x.score)
      .slice(0, n)
      .map(({ item }) => item)
  }
  return { next, int, sample, weighted, shuffle: items => sample(items, items.length) }
}

/**
 * The seed of a request, which is that of its first completion. Engines count up from it for the
 * others. There is room for 256 below 2 ** 31.
 */
export function samplingSeed(seed: number, key: Key): number {
  const digest = createHash('sha256')
    .update(`${seed}/sample/${formatKey(key)}`)
    .digest()
  return (digest.readUInt32LE(0) >>> 1) & 0x7fffff00
}
