/** The result of a run in one sentence: from which score to which, how certain, in how long. */
import { duration, percent } from '../lib/formats.ts'
import type { Change, SuiteChange } from './change.ts'

/** Signed percentage points. A difference that rounds to zero has no sign. */
export function points(share: number): string {
  const text = (Math.abs(share) * 100).toFixed(1)
  if (Number(text) === 0) return text
  return `${share < 0 ? '−' : '+'}${text}`
}

export type Direction = 'rose' | 'fell' | 'noise' | 'unknown'

/** Fewer paired items are not reported: luck would look like certainty. */
const fewestItems = 30

/** A change counts only if its whole interval is on one side of zero. */
export function directionOf({ items, interval }: Pick<Change, 'items' | 'interval'>): Direction {
  if (items < fewestItems) return 'unknown'
  if (interval.low > 0) return 'rose'
  return interval.high < 0 ? 'fell' : 'noise'
}

const spread = ({ difference, interval: { low, high } }: Change) =>
  `${points(difference)} points, ${points(low)} to ${points(high)}`

function clauseOf(change: SuiteChange): string {
  const { suite, mode, before, after, items, kinds } = change
  const name = `${suite} ${mode}`
  const path = `from ${percent(before, 1)} to ${percent(after, 1)}`
  const direction = directionOf(change)
  if (direction === 'unknown') return `${name} went ${path} on ${items} items, too few to be sure`
  const main =
    direction === 'noise'
      ? `${name} stayed within noise, ${path} (${spread(change)})`
      : `${name} ${direction} ${path} (${spread(change)})`
  const fallen = kinds.length > 1 ? kinds.filter(kind => directionOf(kind) === 'fell') : []
  if (fallen.length === 0 || direction === 'fell') return main
  return `${main}, but ${fallen.map(one => `${one.kind} fell (${spread(one)})`).join(' and ')}`
}

/** Answers without forcing. Forced modes and pass@k explain a change, they are not the headline. */
const isHeadline = ({ mode }: SuiteChange) => /^(greedy|sampled)( mean@\d+)?$/.test(mode)

/** Items that pass the test, or all if none does. */
const prefer = <T>(items: readonly T[], test: (item: T) => boolean) => {
  const narrower = items.filter(test)
  return narrower.length > 0 ? narrower : items
}

/** Among the suites that the run is judged by, those that span the most steps. */
export function headlines(
  changes: readonly SuiteChange[],
  suites: readonly string[],
): SuiteChange[] {
  const chosen = prefer(
    prefer(changes, ({ suite }) => suites.includes(suite)),
    isHeadline,
  )
  const length = ({ firstStep, lastStep }: SuiteChange) => lastStep - firstStep
  const longest = Math.max(0, ...chosen.map(length))
  return chosen.filter(change => length(change) === longest)
}

const listed = (numbers: number[]) => [...new Set(numbers)].join(' or ')

/** The last finished step, the wall time of all sessions, the suites that the run is judged by. */
export type Ran = { steps: number; workedMs: number; suites: readonly string[] }

export function sentenceOf(changes: readonly SuiteChange[], { steps, workedMs, suites }: Ran) {
  const begin = `After ${steps} ${steps === 1 ? 'step' : 'steps'} in ${duration(workedMs)}`
  const chosen = headlines(changes, suites)
  const [first] = chosen
  if (!first)
    return `${begin}, no change can be measured: no suite was scored twice on the same items.`
  const counts = listed(chosen.map(({ items }) => items))
  const over = first.kinds.length > 1 ? `, means of ${first.kinds.length} kinds` : ''
  const isPart = first.firstStep > 0 || first.lastStep < steps
  const span = isPart ? `, from step ${first.firstStep} to ${first.lastStep}` : ''
  const isSure = chosen.some(change => directionOf(change) !== 'unknown')
  const basis = `${isSure ? '95% intervals ' : ''}over ${counts} paired items${over}, one run`
  return `${begin}${span}: ${chosen.map(clauseOf).join('; ')} (${basis}).`
}
