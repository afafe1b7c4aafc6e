/**
 * How far two computations of the same log-probabilities are apart, whether that is rounding, and
 * if not, what is most likely broken. Pure: docs/explanation/parity.md has the reasons and the error rates.
 */

/** Of engine and learner, the coarser. */
export type Precision = 'float32' | 'bfloat16' | '4 bits'

/** `tail`: the 99.9th percentile. */
export type Gap = {
  tokens: number
  mean: number
  rms: number
  p99: number
  tail: number
  largest: number
}

/** How much of the learner's change from one policy to another the engine shows, and its error. */
export type Share = { share: number; error: number }

export type Look = {
  /** Engine against learner. */
  scored: Gap
  /** What the engine sampled, against its own scores of the same tokens. */
  sampled: Gap
  /** Tokens of the first prompt after a load that its prefix cache knew all the same. */
  reused: number
  /** The engine against itself at earlier policies; null: not known. */
  toLast: Resemblance | null
  toBare: Resemblance | null
}

/** `rms`: how far the engine is from what it gave then. */
export type Resemblance = Share & { rms: number }

type Rows = readonly Float32Array[]

/** In float32 of the largest difference, else of the root mean square. */
export const tolerances: Record<Precision, number> = {
  float32: 1e-3,
  bfloat16: 0.15,
  '4 bits': 0.5,
}
/** Rounding has a long tail: 6 root mean squares were measured. */
const tailOver = 10
/** Beyond this error a share says nothing. */
const telling = 0.1
/** What rounding adds to the square of a change, in squares of the rounding: rather too much. */
const moves = 1.5

/** Values of `ours` less those of `theirs`; one that is missing or no number is infinitely far. */
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
 * How much of the learner's change l the engine's change e shows: 1 where the engine has the policy,
 * 0 where it has the other one still. Rounding moves both, and is not the same for both, so that the
 * slope of e on l is less than the share. With the rounding r of one policy between the two (rms):
 *
 *     share = mean(e l) / s,    s = mean(l^2) - 1.5 r^2,    error^2 = sum (l (e - b l))^2 / (n s)^2
 *
 * where b is the slope. Rounding was measured to move l by 1.1 to 1.4 r^2: what is taken off is
 * rather too much, which makes a share of 1 larger and leaves a share of 0 at 0.
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
  // Below that the share is mostly a matter of what was taken off.
  if (!(signal > rounding ** 2 * learner.length)) {
    return { share: 0, error: Number.POSITIVE_INFINITY }
  }
  const slope = product / square
  const spread = learner.reduce((sum, l, i) => {
    return sum + (l * ((engine[i] as number) - slope * l)) ** 2
  }, 0)
  return { share: product / signal, error: Math.sqrt(spread) / signal }
}

/** The engine, now and then, beside the learner, now and then. */
export function resemblance(now: [Rows, Rows], then: [Rows, Rows]): Resemblance {
  const engine = differences(now[0], then[0])
  const rounding = gapOf(differences(then[0], then[1])).rms
  const learner = differences(now[1], then[1])
  return { ...shareOf(engine, learner, rounding), rms: gapOf(engine).rms }
}

export const tells = (share: Share | null): share is Share =>
  share !== null && share.error <= telling

/** Whether it shows less than half of a change that is large enough to be seen. */
const lacks = (share: Share | null) => tells(share) && share.share < 0.5

const isOff = (gap: Gap, precision: Precision, tolerance: number) =>
  precision === 'float32'
    ? gap.largest > tolerance
    : gap.rms > tolerance || gap.tail > tailOver * tolerance

/** Of some hundred sampled tokens the tail is their largest: noise. */
const isSampledOff = (gap: Gap, precision: Precision, tolerance: number) =>
  (precision === 'float32' ? gap.largest : gap.rms) > tolerance

const words = {
  bare: 'it answers as the model without its adapter: the adapter is bound to no layer',
  last: 'it answers as the policy before: the load was skipped, or loaded old weights',
  neither:
    'it answers as neither this policy nor the one before: damaged weights, or a stale output head',
  sampled: 'sampling disagrees where scoring agrees: a stale prefix cache, or a stale adapter',
}

/** The part that is most likely broken; null: none is. */
export function suspectOf(look: Look, precision: Precision, tolerance: number): string | null {
  const { scored, sampled, reused, toLast, toBare } = look
  // Nearer to what it gave then than to the learner now, by far.
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

/** What was measured, in words. */
export function describeLook(look: Look, precision: Precision, tolerance: number): string {
  const { scored, sampled, reused, toLast, toBare } = look
  const share = (name: string, { share, error }: Share) =>
    `${figure(share)} ± ${figure(error)} of the change since ${name}`
  const shares = [
    ...(tells(toBare) ? [share('the bare model', toBare)] : []),
    ...(tells(toLast) ? [share('the policy before', toLast)] : []),
  ]
  const limit = precision === 'float32' ? 'largest' : 'rms'
  return [
    `engine against learner over ${describeGap(scored)} (${precision}: ${limit} up to ${tolerance})`,
    `sampled against its own scores over ${describeGap(sampled)}`,
    ...(reused > 0 ? [`${reused} tokens from a prefix cache that should be empty`] : []),
    ...(shares.length > 0 ? [`the engine shows ${shares.join(' and ')}`] : []),
  ].join('; ')
}
