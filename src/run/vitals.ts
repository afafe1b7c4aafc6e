/** Sends the pulse of a run every few seconds: a heartbeat, and the length of each queue. */
import { type Queue, waiting } from '../../actors/queue.ts'
import {
  type QueueDepth,
  type Vitals,
  vitalsEveryMs,
  vitalsType,
} from '../../domain/health/vitals.ts'
import type { Store } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import type { Trace } from './trace.ts'

type Told = {
  store: Pick<Store, 'trace' | 'backlog'>
  trace: Pick<Trace, 'heard'>
  config: Config
  look: () => Queue
}
type Depth = Omit<QueueDepth, 'still_ms'>

/** Finds since when a queue has not changed. Each order makes a new list. */
function createStillness() {
  let before: unknown[] = []
  let sinceMs = Date.now()
  return (now: unknown[]): number => {
    if (now.some((value, i) => value !== before[i])) {
      before = now
      sinceMs = Date.now()
    }
    return Date.now() - sinceMs
  }
}

export type Pulse = { take: () => Vitals; stop: () => void }

export function tellVitals({ store, trace, config, look }: Told): Pulse {
  const [samplesStill, checksStill] = [createStillness(), createStillness()]
  const take = (): Vitals => {
    const queue = look()
    const { samples, checks, used } = queue
    const { sample, check } = waiting(queue)
    const ofSamples: Depth = {
      waiting: sample,
      flying: used.sample,
      most: config.engine.concurrency,
    }
    const ofChecks: Depth = {
      waiting: check,
      flying: used.check,
      most: config.sandbox.concurrency,
    }
    return {
      pid: process.pid,
      queues: {
        samples: { ...ofSamples, still_ms: samplesStill([samples, used.sample]) },
        checks: { ...ofChecks, still_ms: checksStill([checks, used.check]) },
      },
      writes: store.backlog(),
      heard: { ...trace.heard },
    }
  }
  const tell = () => {
    const row = { at_ms: Date.now(), sender: 'world', receiver: 'world', item_id: null }
    store.trace({ ...row, type: vitalsType, body: take() })
  }
  const timer = setInterval(tell, vitalsEveryMs)
  timer.unref()
  return { take, stop: () => clearInterval(timer) }
}
