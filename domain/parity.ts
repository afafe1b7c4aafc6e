/**
 * Measures how far two computations of the same log-probabilities differ, decides whether that is
 * rounding, and if not, names the most likely cause. Pure. docs/explanation/parity.md has the
 * reasons and the error rates.
 */

/** The coarser precision of engine and learner. */
export type Precision = 'float32' | 'bfloat16' | '4 bits'

/** `tail` is the 99.9th percentile. */
export type Gap = {
  tokens: number
  mean: number
  rms: number
  p99: number
  tail: number
  largest: number
}

/**
 * The share of the learner's change between two policies that the engine shows, and the error of
 * that share.
 */
export type Share = { share: number; error: number }

export type Look = {
  /** Differences between the engine's and the learner's scores. */
  scored: Gap
  /**
   * Differences between the engine's sampled log-probabilities and its own scores of the same
   * tokens.
   */
  sampled: Gap
  /**
   * Tokens of the first prompt after a load that came from the prefix cache, which should be empty.
   */
  reused: number
  /** The engine compared with itself at earlier policies; null if these are unknown. */
  toLast: Resemblance | null
  toBare: Resemblance | null
}

/** `rms` is the difference between the engine's scores at this policy and at the earlier one. */
export type Resemblance = Share & { rms: number }

type Rows = readonly Float32Array[]

/** Limits of the largest difference in float32, and of the root mean square otherwise. */
export const tolerances: Record<Precision, number> = {
  float32: 1e-3,
  bfloat16: 0.15,
  '4 bits': 0.5,
}
/** The limit of the tail, as a multiple of the tolerance. Rounding reached 6 in measurements. */
const tailOver = 10
/** A share with a larger error is not used. */
const telling = 0.1
/**
 * Rounding adds this to the mean square of a change, in squares of the rounding. It is set a little
 * too high.
 */
const moves = 1.5

/** Values of `ours` minus those of `theirs`. A missing value, or NaN, counts as infinity. */
export function differences(ours: Rows, theirs: Rows): number[] {
  return ours.flatMap((row, i) =>
    Array.from(row, (value, j) => {
      const gap = value - (theirs[i]?.[j] ?? Number.NaN)
      return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
    }),
  )
}

const sumOf = (values: Float64Array, of: (value: number) => number) =>
  values.reduce((sum, value) => sum + of(value), 0)

export function gapOf(differences: readonly number[]): Gap {
  const sizes = Float64Array.from(differences, Math.abs).sort()
  const tokens = sizes.length
  const at = (share: number) => sizes[Math.min(tokens - 1, Math.ceil(share * tokens) - 1)] ?? 0
  const [mean, square] = [sumOf(sizes, x => x), sumOf(sizes, x => x * x)].map(
    sum => sum / Math.max(1, tokens),
  ) as [number, number]
  return {
    tokens,
    mean,
    rms: Math.sqrt(square),
    p99: at(0.99),
    tail: at(0.999),
    largest: at(1),
  }
}

/**
 * The share of the learner's change l that the engine's change e shows: 1 if the engine has the
 * policy, 0 if it still has the other one. Rounding changes both, and differs between them, so the
 * slope of e on l is less than the share. With r, the rms of the rounding at one policy:
 *
 *     share = mean(e l) / s,    s = mean(l^2) - 1.5 r^2,    error^2 = sum (l (e - b l))^2 / (n s)^2
 *
 * b is the slope. In measurements rounding added 1.1 to 1.4 r^2 to mean(l^2). Subtracting 1.5 r^2
 * is a little too much: it makes a share of 1 larger and leaves a share of 0 at 0.
 */
export function shareOf(
  engine: readonly number[],
  learner: readonly number[],
  rounding: number,
): Share {
  let [square, product] = [0, 0]
  learner.forEach((l, i) => {
    square += l * l
    product += l * (engine[i] as number)
  })
  const signal = square - moves * rounding ** 2 * learner.length
  // With a smaller signal the share depends mostly on the subtracted rounding.
  if (!(signal > rounding ** 2 * learner.length)) {
    return { share: 0, error: Number.POSITIVE_INFINITY }
  }
  const slope = product / square
  const spread = learner.reduce((sum, l, i) => {
    return sum + (l * ((engine[i] as number) - slope * l)) ** 2
  }, 0)
  return { share: product / signal, error: Math.sqrt(spread) / signal }
}

/** Compares the engine's change between two policies with the learner's. */
export function resemblance(now: [Rows, Rows], then: [Rows, Rows]): Resemblance {
  const engine = differences(now[0], then[0])
  const rounding = gapOf(differences(then[0], then[1])).rms
  const learner = differences(now[1], then[1])
  return { ...shareOf(engine, learner, rounding), rms: gapOf(engine).rms }
}

export const tells = (share: Share | null): share is Share =>
  share !== null && share.error <= telling

/** Whether a change is large enough to be measured, and the engine shows less than half of it. */
const lacks = (share: Share | null) => tells(share) && share.share < 0.5

const isOff = (gap: Gap, precision: Precision, tolerance: number) =>
  precision === 'float32'
    ? gap.largest > tolerance
    : gap.rms > tolerance || gap.tail > tailOver * tolerance

/** Only a few hundred tokens are sampled, so their tail is just the largest one, which is noise. */
const isSampledOff = (gap: Gap, precision: Precision, tolerance: number) =>
  (precision === 'float32' ? gap.largest : gap.rms) > tolerance

const words = {
  bare: 'it answers like the model without its adapter: the adapter is bound to no layer',
  last: 'it answers like the previous policy: the load was skipped, or loaded old weights',
  neither:
    'it answers like neither this policy nor the previous one: damaged weights, or a stale ' +
    'output head',
  sampled: 'sampled tokens disagree while scores agree: a stale prefix cache, or a stale adapter',
}

/** The most likely cause of a difference; null if there is none. */
export function suspectOf(look: Look, precision: Precision, tolerance: number): string | null {
  const { scored, sampled, reused, toLast, toBare } = look
  // Is the engine much closer to its own scores at that policy than to the learner now?
  const isLike = (other: Resemblance | null) => other !== null && other.rms < scored.rms / 2
  if (isOff(scored, precision, tolerance)) {
    if (isLike(toBare)) return words.bare
    return isLike(toLast) ? words.last : words.neither
  }
  if (lacks(toBare)) return words.bare
  if (lacks(toLast)) return words.last
  return reused > 0 || isSampledOff(sampled, precision, tolerance) ? words.sampled : null
}

const figure = (value: number) => value.toPrecision(2)

const describeGap = ({ tokens, rms, mean, p99, tail, largest }: Gap) =>
  `${tokens} tokens: rms ${figure(rms)}, mean ${figure(mean)}, p99 ${figure(p99)}, ` +
  `p99.9 ${figure(tail)}, largest ${figure(largest)}`

/** Describes the measurements in words. */
export function describeLook(look: Look, precision: Precision, tolerance: number): string {
  const { scored, sampled, reused, toLast, toBare } = look
  const share = (name: string, { share, error }: Share) =>
    `${figure(share)} ± ${figure(error)} of the change since ${name}`
  const shares = [
    ...(tells(toBare) ? [share('the bare model', toBare)] : []),
    ...(tells(toLast) ? [share('the previous policy', toLast)] : []),
  ]
  const limit = precision === 'float32' ? 'largest' : 'rms'
  return [
    `engine compared with learner over ${describeGap(scored)} (${precision}: ${limit} up to ${tolerance})`,
    `sampled tokens compared with their scores over ${describeGap(sampled)}`,
    ...(reused > 0 ? [`${reused} tokens from a prefix cache that should be empty`] : []),
    ...(shares.length > 0 ? [`the engine shows ${shares.join(' and ')}`] : []),
  ].join('; ')
}
