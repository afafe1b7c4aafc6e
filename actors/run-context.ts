/**
 * The context and events of the `run` machine as plain data, and values derived from them alone.
 * Guards and actions are in run-setup.ts.
 */
import { formatKey } from '../domain/key.ts'
import type { Kind } from '../domain/task.ts'
import type { SampleOrder, ToRun } from './messages.ts'
import * as queues from './queue.ts'

export type RunInput = {
  steps: number
  /** All kinds that the run knows. Each is settled in every step. */
  kinds: readonly Kind[]
  credits: queues.Credits
  /** Answers per estimate of a task's difficulty. The seeding step makes none. */
  estimateSamples: number
  maxAttempts: number
  itemMs: number
  serviceMs: number
  startMs: number
  stallMs: number
  maxRestarts: number
  /** Whether the engine frees its memory while the learner works. */
  sleeps: boolean
}

export type Place = { step: number; round: number; version: number }
export type Located = Place & { done: boolean }
export type Plan = { orders: SampleOrder[] }
/**
 * The policy to evaluate: the step's own, then perhaps another. Without orders nothing is left to
 * do.
 */
export type Evaluation = Plan & { version: number }
/** The reaction that health.onCollapse asks for after a step, and its reason. */
export type Closed = { next: 'goOn' | 'pause' | 'stop'; why: string }
export type Settled = { kind: Kind; orders: SampleOrder[] }

export type RunContext = RunInput &
  Place & {
    queue: queues.Queue
    isEngineReady: boolean
    isTrainerReady: boolean
    isHeld: boolean
    /** Folder of the exported policy, relative to the run's folder. */
    path: string
    reloads: number
    error: string
    /** The values at the last look of the watch. If the next look finds the same, the run hangs. */
    pulse: unknown[]
  }

export type Done = { type: `xstate.done.actor.${string}`; actorId: string; output: unknown }
export type Failed = { type: `xstate.error.actor.${string}`; actorId: string; error: unknown }
export type RunEvent = ToRun | Done | Failed | { type: 'run.stalled' }

export function initialContext(input: RunInput): RunContext {
  return {
    ...input,
    step: 0,
    round: 0,
    version: 0,
    queue: queues.emptyQueue,
    isEngineReady: false,
    isTrainerReady: false,
    isHeld: false,
    path: '',
    reloads: 0,
    error: '',
    pulse: [],
  }
}

/** Changes with every event: queues, places and versions are replaced, never changed in place. */
export function pulseOf({ queue, step, round, version, path, reloads }: RunContext): unknown[] {
  return [queue, step, round, version, path, reloads]
}

export function estimates(context: RunContext, kind: Kind, wording: string | null): SampleOrder[] {
  if (wording === null || context.step === 0) return []
  const key = { step: context.step, purpose: 'estimate', kind, index: wording, sample: 0 } as const
  const id = formatKey(key)
  const order = { id, attempt: 0, kind, task: wording, samples: context.estimateSamples }
  return [{ to: 'solver', order }]
}

export function describeStall({ queue, step, isEngineReady }: RunContext): string {
  const { used } = queue
  const { sample, check } = queues.waiting(queue)
  const engine = isEngineReady ? 'engine ready' : 'engine not ready'
  return (
    `Cannot continue with step ${step} as nothing arrived before the deadline: ${used.sample} ` +
    `samples and ${used.check} checks in flight, ${sample} and ${check} waiting, ${engine}`
  )
}
