/**
 * Compares two evaluations item by item: the difference, its interval, and the items that changed.
 * Items that either could not judge are left out. Pure; it does not read rows.
 */
import { type Rng, stream } from './rng.ts'
import { bootstrapInterval, type Interval, meanOf, pairedInterval } from './statistics.ts'

export type Judged = { suite: string; kind: string; mode: string; item: number; verdict: string }

export type Comparison = {
  suite: string
  kind: string
  mode: string
  /** Items that both evaluations judged. */
  items: number
  before: number
  after: number
  difference: number
  /**
   * 95 % paired bootstrap over the items (Agresti and Min if no item differs); null with fewer than
   * two items.
   */
  interval: Interval | null
  /**
   * Exact McNemar test: how often chance alone is this uneven. It is null if items have several
   * answers, or if all items differ alike, which tells nothing about chance.
   */
  p: number | null
  /** Items that changed from wrong to right, and from right to wrong. */
  gained: number[]
  lost: number[]
}

/** Twice the smaller tail of a fair coin, at most 1: the exact McNemar test. */
export function mcnemar(gained: number, lost: number): number {
  const flips = gained + lost
  let term = 0.5 ** flips
  let tail = 0
  for (let i = 0; i <= Math.min(gained, lost); i++) {
    tail += term
    term *= (flips - i) / (i + 1)
  }
  return Math.min(1, 2 * tail)
}

const groupOf = ({ suite, kind, mode }: Judged) => `${suite}\n${kind}\n${mode}`

/** Each item's share of right answers among its judged answers. */
function sharesOf(rows: readonly Judged[]): Map<number, { share: number; answers: number }> {
  const judged = rows.filter(({ verdict }) => verdict !== 'ungraded')
  return new Map(
    [...Map.groupBy(judged, ({ item }) => item)].map(([item, answers]) => {
      const right = answers.filter(({ verdict }) => verdict === 'correct').length
      return [item, { share: right / answers.length, answers: answers.length }]
    }),
  )
}

/** If no item differs, the bootstrap would be certain. Agresti and Min's interval is not. */
function intervalOf(differences: readonly number[], rng: Rng): Interval | null {
  const isEqual = differences.every(difference => difference === 0)
  if (isEqual && differences.length > 1) return pairedInterval(differences)
  return bootstrapInterval([differences], rng)
}

function compareGroup(before: readonly Judged[], after: readonly Judged[], seed: number) {
  const { suite, kind, mode } = before[0] as Judged
  const [a, b] = [sharesOf(before), sharesOf(after)]
  const pairs = [...a].flatMap(([item, one]) => {
    const two = b.get(item)
    return two ? [{ item, one, two }] : []
  })
  const differences = pairs.map(({ one, two }) => two.share - one.share)
  const isSingle = pairs.every(({ one, two }) => one.answers === 1 && two.answers === 1)
  const flipped = (sign: number) =>
    pairs.filter((_, i) => Math.sign(differences[i] as number) === sign).map(({ item }) => item)
  const [gained, lost] = [flipped(1), flipped(-1)]
  const interval = intervalOf(differences, stream(seed, 'compare', suite, kind, mode))
  const hasWidth = interval !== null && interval.high > interval.low
  return {
    suite,
    kind,
    mode,
    items: pairs.length,
    gained,
    lost,
    before: meanOf(pairs.map(({ one }) => one.share)),
    after: meanOf(pairs.map(({ two }) => two.share)),
    difference: meanOf(differences),
    interval,
    p: isSingle && hasWidth ? mcnemar(gained.length, lost.length) : null,
  }
}

/** Compares each suite, kind and mode that both evaluations have. */
export function compareItems(
  before: readonly Judged[],
  after: readonly Judged[],
  seed = 1,
): Comparison[] {
  const others = Map.groupBy(after, groupOf)
  return [...Map.groupBy(before, groupOf)].flatMap(([group, rows]) => {
    const found = compareGroup(rows, others.get(group) ?? [], seed)
    return found.items > 0 ? [found] : []
  })
}
