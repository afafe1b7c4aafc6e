/** A run as lines: one for each step, one for each evaluation, and a live one below. */
import type { NewRow } from '../../state/types.ts'
import { kinds } from '../domain/task.ts'
import type { Glance } from '../main.ts'
import type { Terminal } from './terminal.ts'

type Metrics = Record<string, number>

const percent = (value: number | undefined) =>
  value === undefined ? '  – ' : `${String(Math.round(value * 100)).padStart(3)}%`

const meanOf = (metrics: Metrics, name: string): number | undefined => {
  const values = kinds.flatMap(kind => metrics[`${name}.${kind}`] ?? [])
  if (values.length === 0) return undefined
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

export function stepLine(row: NewRow<'steps'>, metrics: Metrics, steps: number): string {
  const width = String(steps).length
  const seconds = `${(row.wall_ms / 1000).toFixed(1)} s`.padStart(7)
  const buffers = kinds.map(kind => metrics[`buffer.${kind}`] ?? 0).join('/')
  if (row.step === 0) {
    return `seeding ${seconds}  ${row.accepted} valid tasks of ${row.proposals}  buffers ${buffers}`
  }
  return [
    `step ${String(row.step).padStart(width)}/${steps} ${seconds}`,
    `valid ${percent(meanOf(metrics, 'valid'))}`,
    `learnable ${percent(meanOf(metrics, 'learnable'))}`,
    `solved ${percent(meanOf(metrics, 'accuracy'))}`,
    `reward ${(metrics['reward.solver.all'] ?? 0).toFixed(2).padStart(5)}`,
    `buffers ${buffers}`,
  ].join('  ')
}

const phases: [RegExp, string][] = [
  [/^starting/, 'starting engine, learner and sandbox'],
  [/^locating|^planning/, 'planning'],
  [/^preparing|^refreshing|^confirming/, 'loading the weights into the engine'],
  [/^rolling/, 'proposing, solving, judging'],
  [/^scoring|^updating|^saving/, 'learning'],
  [/^choosing|^evaluating|^adding/, 'answering held-out suites'],
]

export function statusLine(
  { step, state, isPaused, waiting, flying }: Glance,
  steps: number,
): string {
  const phase = phases.find(([pattern]) => pattern.test(state))?.[1] ?? state
  const what = step === 0 ? 'seeding' : `step ${step}/${steps}`
  const queue = waiting + flying > 0 ? `, ${flying} in flight, ${waiting} waiting` : ''
  return isPaused ? `${what}: paused` : `${what}: ${phase}${queue}`
}

/** Redraws the live line until it is closed. */
export function follow(terminal: Terminal, glance: () => Glance, steps: number): () => void {
  const timer = setInterval(() => terminal.status(statusLine(glance(), steps)), 200)
  return () => {
    clearInterval(timer)
    terminal.close()
  }
}
