/** Formats a run as lines: one for each step and each evaluation, and a live one. */

import { byKind, mean } from '../../domain/metrics.ts'
import { percent, span } from '../../lib/formats.ts'
import type { NewRow } from '../../state/types.ts'
import type { Glance } from '../run/world.ts'

type Metrics = Record<string, number>

const share = (value: number | undefined) =>
  value === undefined ? '  – ' : percent(value).padStart(4)

const meanOf = (metrics: Metrics, name: string): number | undefined =>
  mean(byKind(metrics, name).map(([, value]) => value)) ?? undefined

/** The share of prompt tokens that the engine found in its prefix cache, if it counts them. */
export function cachedShare({ 'engine.prefix.asked': asked = 0, ...metrics }: Metrics) {
  return asked === 0 ? undefined : (metrics['engine.prefix.cached'] ?? 0) / asked
}

/** Kinds without a valid proposal. A weak model's run continues without them. */
function withoutTasks(metrics: Metrics): string {
  const barren = byKind(metrics, 'valid').flatMap(([kind, share]) => (share === 0 ? [kind] : []))
  return barren.length === 0
    ? ''
    : `  no valid proposal for ${barren.join(', ')}: this step trains without`
}

export function stepLine(row: NewRow<'steps'>, metrics: Metrics, steps: number): string {
  const width = String(steps).length
  const seconds = `${(row.wall_ms / 1000).toFixed(1)} s`.padStart(7)
  const cached = cachedShare(metrics)
  const buffers = byKind(metrics, 'buffer')
    .map(([, size]) => size)
    .join('/')
  // A run without steps is `azr eval`.
  if (steps === 0) return `scored ${seconds}`
  if (row.step === 0) {
    const valid = `${row.accepted} valid tasks of ${row.proposals}`
    return `seeding ${seconds}  ${valid}  buffers ${buffers}${withoutTasks(metrics)}`
  }
  const figures = [
    `step ${String(row.step).padStart(width)}/${steps} ${seconds}`,
    `valid ${share(meanOf(metrics, 'valid'))}`,
    `learnable ${share(meanOf(metrics, 'learnable'))}`,
    `solved ${share(meanOf(metrics, 'accuracy'))}`,
    `reward ${(metrics['reward.solver.all'] ?? 0).toFixed(2).padStart(5)}`,
    `buffers ${buffers}`,
    ...(cached === undefined ? [] : [`cached ${share(cached)}`]),
  ]
  return figures.join('  ') + withoutTasks(metrics)
}

const phases: [RegExp, string][] = [
  [/^starting/, 'starting engine, learner and sandbox'],
  [/^locating|^planning/, 'planning'],
  [
    /^preparing|^refreshing|^confirming|^changing|^resting|^returning/,
    'loading the weights into the engine',
  ],
  [/^rolling/, 'proposing, solving, judging'],
  [/^grading|^updating|^saving/, 'learning'],
  [/^choosing|^evaluating|^adding/, 'answering held-out suites'],
]

export function statusLine(
  { step, state, isPaused, waiting, flying }: Glance,
  steps: number,
): string {
  const phase = phases.find(([pattern]) => pattern.test(state))?.[1] ?? state
  const what = steps === 0 ? 'scoring' : step === 0 ? 'seeding' : `step ${step}/${steps}`
  const queue = waiting + flying > 0 ? `, ${flying} in flight, ${waiting} waiting` : ''
  return isPaused ? `${what}: paused` : `${what}: ${phase}${queue}`
}

/** Steps whose pace predicts the remaining time. */
const paced = 5

/** Learns from the steps that it is given: ` · 12 min left`, after one whole step. */
export function createPace(steps: number): (step: number, nowMs: number) => string {
  const begun: number[] = []
  let seen = -1
  return (step, nowMs) => {
    if (step !== seen && step > 0) begun.push(nowMs)
    seen = step
    const recent = begun.slice(-paced - 1)
    const [first = 0] = recent
    if (recent.length < 2) return ''
    const stepMs = ((recent.at(-1) ?? 0) - first) / (recent.length - 1)
    const leftMs = Math.max(0, (steps - step + 1) * stepMs - (nowMs - (recent.at(-1) ?? 0)))
    return leftText(leftMs)
  }
}

function leftText(leftMs: number): string {
  return leftMs < 60_000 ? ' · less than a minute left' : ` · ${span(leftMs)} left`
}

/** The time window that predicts the rest of an evaluation, and the shortest time to predict. */
const lookBackMs = 30_000
const leastMs = 5000

/**
 * For an evaluation, given the number of items left: ` · 12 of 160 items · 3 min left`. Its pace is
 * that of the last half minute, because items that were answered earlier come at once.
 */
export function createCountdown(): (left: number, nowMs: number) => string {
  let total = 0
  let seen: { left: number; atMs: number }[] = []
  return (left, nowMs) => {
    if (left > (seen.at(-1)?.left ?? 0)) {
      total = left
      seen = []
    }
    seen = [...seen.filter(({ atMs }) => nowMs - atMs <= lookBackMs), { left, atMs: nowMs }]
    if (left === 0) return ''
    const first = seen[0] as { left: number; atMs: number }
    const [spentMs, answered] = [nowMs - first.atMs, first.left - left]
    const isTelling = spentMs >= leastMs && answered > 0
    const count = ` · ${total - left} of ${total} items`
    return isTelling ? `${count}${leftText((left * spentMs) / answered)}` : count
  }
}

/** Whether items of suites are asked now. */
export const isEvaluating = (state: string) => /^evaluating/.test(state)
