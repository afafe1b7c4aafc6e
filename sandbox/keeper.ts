/**
 * Keeps one process alive: starts it, and restarts it when it ends, a limited number of times in a
 * row. After that it tries again when it is asked, but only once in a while.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SandboxGone } from '../domain/errors.ts'
import {
  type Ending,
  type Launch,
  type Role,
  type SandboxProcess,
  startProcess,
} from './process.ts'
import type { Tally } from './tally.ts'

const maxStartsInARow = 5
const restMs = 2000
// A process that ends soon after its start is replaced a little later each time.
const soonMs = 300
const pauseMs = 20
const maxPauseMs = 200

export type Kept = {
  begin: (process: SandboxProcess) => void
  end: (ending: Ending) => void
  /** Called when there is no process and none will be started without a request. */
  giveUp: (error: SandboxGone) => void
}

export type Keeper = {
  /** Why there is no process and none will come; null while there is hope. */
  gone: () => SandboxGone | null
  pids: () => number[]
  stop: () => Promise<void>
}

type State = {
  launch: Launch
  role: Role
  tally: Tally
  kept: Kept
  process: SandboxProcess | null
  isStopped: boolean
  isStarting: boolean
  failures: number
  failedAt: number
  error: SandboxGone | null
  /** How many in a row ended soon after their start. */
  soon: number
}

async function begin(state: State): Promise<void> {
  const { launch, role, tally, kept } = state
  const started = await startProcess(launch, role)
  if (state.isStopped) {
    started.kill()
    await started.ended
    return
  }
  const begunAt = performance.now()
  Object.assign(state, { process: started, failures: 0, error: null })
  tally.layers.set(role, started.layers)
  void started.ended.then(ending => {
    state.process = null
    state.soon = performance.now() - begunAt < soonMs ? state.soon + 1 : 0
    kept.end(ending)
    if (!state.isStopped) void again(state)
  })
  kept.begin(started)
}

async function again(state: State): Promise<void> {
  if (state.isStarting) return
  state.isStarting = true
  if (state.soon > 0) await sleep(Math.min(maxPauseMs, state.soon * pauseMs))
  while (!state.isStopped && !state.process && state.failures < maxStartsInARow) {
    state.tally.restarts += 1
    await begin(state).catch(cause => {
      state.failures += 1
      state.error =
        cause instanceof SandboxGone ? cause : new SandboxGone('sandbox-unavailable', String(cause))
    })
  }
  state.isStarting = false
  state.failedAt = performance.now()
  if (!state.isStopped && !state.process && state.error) state.kept.giveUp(state.error)
}

export async function createKeeper(
  launch: Launch,
  role: Role,
  tally: Tally,
  kept: Kept,
): Promise<Keeper> {
  const counts = { failures: 0, failedAt: 0, soon: 0 }
  const flags = { isStopped: false, isStarting: false }
  const state: State = {
    launch,
    role,
    tally,
    kept,
    process: null,
    error: null,
    ...counts,
    ...flags,
  }
  const stopped = new SandboxGone('sandbox-gone', 'The sandbox was stopped')
  await begin(state)
  return {
    gone() {
      if (state.isStopped) return stopped
      if (state.process || state.isStarting || state.failures < maxStartsInARow) return null
      if (performance.now() - state.failedAt < restMs) return state.error
      state.failures = maxStartsInARow - 1
      void again(state)
      return null
    },
    pids: () => (state.process ? [state.process.pid] : []),
    async stop() {
      state.isStopped = true
      const running = state.process
      running?.kill()
      await running?.ended
      kept.giveUp(stopped)
    },
  }
}
