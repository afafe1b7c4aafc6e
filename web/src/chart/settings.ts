/**
 * Settings of all charts together: x axis, smoothing, range, cursor. The browser stores the first
 * two.
 */
import { computed, effect, signal } from '@preact/signals'
import { ask, type StepClock } from '../api.ts'
import { run, runId, upTo } from '../state.ts'
import type { ToX } from './series.ts'

export const axes = {
  step: 'step',
  time: 'time worked',
  samples: 'samples of self-play',
  tokens: 'tokens of self-play',
} as const
export type AxisName = keyof typeof axes

const storedAs = 'azr-charts'

function read(): { x: AxisName; smoothing: number } {
  const usual = { x: 'step', smoothing: 0 } as const
  try {
    const { x, smoothing } = JSON.parse(localStorage.getItem(storedAs) ?? '{}')
    return {
      x: x in axes ? x : usual.x,
      smoothing: smoothing >= 0 && smoothing < 1 ? smoothing : usual.smoothing,
    }
  } catch {
    // A browser may refuse to store anything.
    return usual
  }
}

const stored = read()
export const xAxis = signal<AxisName>(stored.x)
/** Weight of the past, in [0, 1). */
export const smoothing = signal(stored.smoothing)
/** The shown range of the axis, in its unit; null means all of it. */
export const zoom = signal<readonly [low: number, high: number] | null>(null)
/** The position of the cursor in all charts: in the unit of the axis, and as a step. */
export type Pointed = { x: number; step: number }
export const pointed = signal<Pointed | null>(null)

/** Setting the same point again has no effect. */
export function pointTo(next: Pointed | null): void {
  if (pointed.peek()?.x !== next?.x) pointed.value = next
}

/** Charts with a logarithmic axis, and series that are hidden, by title. */
export const logged = signal<ReadonlySet<string>>(new Set())
export const hidden = signal<ReadonlySet<string>>(new Set())

export function toggle(set: typeof hidden, name: string): void {
  const next = new Set(set.value)
  if (!next.delete(name)) next.add(name)
  set.value = next
}

effect(() => {
  const kept = JSON.stringify({ x: xAxis.value, smoothing: smoothing.value })
  try {
    localStorage.setItem(storedAs, kept)
  } catch {
    // The setting then lasts as long as the page.
  }
})

/** A range does not apply to another axis or another run. */
effect(() => {
  void xAxis.value
  void runId.value
  zoom.value = null
  pointed.value = null
})

/** Running totals by step, for each run in a chart. */
const clocks = signal<Record<string, Map<number, Record<AxisName, number>>>>({})

const byStep = ({ step, ...columns }: StepClock) =>
  new Map(
    step.map((at, i) => {
      const { time, samples, tokens } = columns
      const of = (column: number[]) => column[i] as number
      return [at, { step: at, time: of(time), samples: of(samples), tokens: of(tokens) }]
    }),
  )

async function fetchClock(id: string): Promise<void> {
  const found = await ask.clock(id).catch(() => null)
  if (found) clocks.value = { ...clocks.value, [id]: byStep(found) }
}

export function wantClock(id: string): void {
  if (xAxis.peek() !== 'step' && !(id in clocks.peek())) void fetchClock(id)
}

const lastFinished = computed(() => run.value?.step ?? 0)
effect(() => {
  void lastFinished.value
  if (xAxis.value !== 'step' && runId.value) void fetchClock(runId.value)
})

/** The last step that charts show. */
export const lastStep = computed(() => Math.min(upTo.value, lastFinished.value))

export const toX = computed((): ToX => {
  const axis = xAxis.value
  const [known, shown] = [clocks.value, runId.value]
  if (axis === 'step') return step => step
  return (step, of = shown) => known[of]?.get(step)?.[axis] ?? null
})
