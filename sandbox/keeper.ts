/**
 * Keeps one process alive: starts it, and starts another when it ends, a bounded number of times in a
 * row. After that it tries again when somebody asks, but not more often than once in a while.
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
// One that ends soon after its start is replaced a little later each time.
const soonMs = 300
const pauseMs = 20
const maxPauseMs = 200

export type Kept = {
  begin: (process: SandboxProcess) => void
  end: (ending: Ending) => void
  /** No process, and none to come by itself. */
  giveUp: (error: SandboxGone) => void
}

export type Keeper = {
  /** Why there is no process and none to come; null while there is hope. */
  gone: () => SandboxGone | null
  pids: () => number[]
  stop: () => Promise<void>
}

export async function createKeeper(
  launch: Launch,
  role: Role,
  tally: Tally,
  kept: Kept,
): Promise<Keeper> {
  let process: SandboxProcess | null = null
  let isStopped = false
  let failures = 0
  let failedAt = 0
  let error: SandboxGone | null = null
  let isStarting = false
  let soon = 0

  const begin = async (): Promise<void> => {
    const started = await startProcess(launch, role)
    if (isStopped) {
      started.kill()
      await started.ended
      return
    }
    const begunAt = performance.now()
    process = started
    failures = 0
    error = null
    tally.layers.set(role, started.layers)
    void started.ended.then(ending => {
      process = null
      soon = performance.now() - begunAt < soonMs ? soon + 1 : 0
      kept.end(ending)
      if (!isStopped) void again()
    })
    kept.begin(started)
  }
  const again = async (): Promise<void> => {
    if (isStarting) return
    isStarting = true
    if (soon > 0) await sleep(Math.min(maxPauseMs, soon * pauseMs))
    while (!isStopped && !process && failures < maxStartsInARow) {
      tally.restarts += 1
      await begin().catch(cause => {
        failures += 1
        error = cause instanceof SandboxGone ? cause : new SandboxGone(String(cause))
      })
    }
    isStarting = false
    failedAt = performance.now()
    if (!isStopped && !process && error) kept.giveUp(error)
  }
  const stopped = new SandboxGone('The sandbox was stopped')
  await begin()
  return {
    gone() {
      if (isStopped) return stopped
      if (process || isStarting || failures < maxStartsInARow) return null
      if (performance.now() - failedAt < restMs) return error
      failures = maxStartsInARow - 1
      void again()
      return null
    },
    pids: () => (process ? [process.pid] : []),
    async stop() {
      isStopped = true
      const running = process
      running?.kill()
      await running?.ended
      kept.giveUp(stopped)
    },
  }
}
