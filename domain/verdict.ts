/**
 * Says in words whether a run learns: the result of its held-out scores, and its problems. The page
 * and the API show the same verdict. Alarms are in health/, intervals in change.ts.
 */
import { percent } from '../lib/formats.ts'
import type { SuiteChange } from './change.ts'
import type { Alarm } from './health/health.ts'
import { directionOf, headlines, points } from './outcome.ts'
import type { SuiteLine } from './suite-line.ts'

/**
 * `mixed` means that something rose and something fell, `early` that nothing can be compared yet.
 */
export const verdictStates = ['rising', 'noise', 'mixed', 'trouble', 'early'] as const
export type VerdictState = (typeof verdictStates)[number]

export type RunVerdict = { state: VerdictState; title: string; why: string[] }

export type Looked = {
  changes: readonly SuiteChange[]
  lines: readonly SuiteLine[]
  /** The suites that the run is judged by. */
  suites: readonly string[]
  alarms: readonly Pick<Alarm, 'name' | 'level' | 'step' | 'message'>[]
  hangs: readonly { what: string; message: string }[]
  failure: string | null
  /** The next step that is scored; null if there is none. */
  nextScored: number | null
}

const titles: Record<VerdictState, string> = {
  rising: 'Rising',
  noise: 'Within noise',
  mixed: 'Rising, with losses',
  trouble: 'In trouble',
  early: 'Too early to tell',
}

const spread = ({ difference, interval: { low, high } }: SuiteChange) =>
  `${points(difference)} points [${points(low)} to ${points(high)}]`

function sayChange(change: SuiteChange): string {
  const { suite, mode, before, after } = change
  const path = `${percent(before, 1)} to ${percent(after, 1)}`
  const direction = directionOf(change)
  if (direction === 'noise') {
    return `${suite} ${mode}: ${path}, ${spread(change)}, which may be chance`
  }
  return `${suite} ${mode} ${direction} from ${path}, ${spread(change)}`
}

/** Kinds whose score fell in a suite whose mean did not. */
const lossesOf = (change: SuiteChange) =>
  directionOf(change) === 'fell' || change.kinds.length < 2
    ? []
    : change.kinds
        .filter(kind => directionOf(kind) === 'fell')
        .map(({ kind, before, after }) => {
          return `${kind} in ${change.suite} ${change.mode} fell from ${percent(before)} to ${percent(after)}`
        })

/** Whether a line is now certainly below its best point. */
function setbackOf({ suite, mode, points: all }: SuiteLine): string[] {
  const last = all.at(-1)
  const best = all.reduce((a, b) => (b.value > a.value ? b : a), all[0] ?? ({} as never))
  if (!last || best.step === 0 || last.high >= best.low) return []
  return [
    `${suite} ${mode} fell to ${percent(last.value)} from its best, ${percent(best.value)} at step ${best.step}`,
  ]
}

function troublesOf({ alarms, hangs, failure }: Looked): string[] {
  return [
    ...(failure === null ? [] : [`the run failed: ${failure}`]),
    ...hangs.map(({ what, message }) => `${what} hangs: ${message}`),
    ...alarms
      .filter(({ level }) => level === 'collapse')
      .map(({ message, step }) => `${message}, since step ${step}`),
  ]
}

function whenCompared({ lines, nextScored }: Looked): string {
  if (nextScored === null) return 'No held-out suite was scored twice on the same items'
  if (lines.length === 0)
    return `Held-out suites are scored for the first time at step ${nextScored}`
  return `Held-out suites are compared for the first time after step ${nextScored}`
}

export function verdictOf(looked: Looked): RunVerdict {
  const { changes, lines, suites } = looked
  const chosen = headlines(changes, suites).filter(one => directionOf(one) !== 'unknown')
  const of = (direction: string) => chosen.filter(one => directionOf(one) === direction)
  const [rose, fell, noise] = [of('rose'), of('fell'), of('noise')].map(all => all.map(sayChange))
  const isChosen = ({ suite, mode }: SuiteLine) =>
    chosen.some(one => one.suite === suite && one.mode === mode)
  const setbacks = fell?.length ? [] : lines.filter(isChosen).flatMap(setbackOf)
  const losses = [...setbacks, ...chosen.flatMap(lossesOf)]
  const troubles = [...troublesOf(looked), ...(fell ?? [])]
  const give = (state: VerdictState, ...why: (string[] | undefined)[]) => {
    return { state, title: titles[state], why: why.flatMap(each => each ?? []) }
  }
  if (troubles.length > 0) return give('trouble', troubles, losses, rose)
  if (chosen.length === 0) {
    return give('early', [whenCompared(looked)])
  }
  if (losses.length > 0) return give(rose?.length ? 'mixed' : 'trouble', losses, rose, noise)
  return rose?.length ? give('rising', rose, noise) : give('noise', noise)
}
