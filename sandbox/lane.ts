/**
 * The servers of one hash seed. Each has one frame at a time: a batch of tame units, or one unit. What
 * a server loses by its death is done again alone, a bounded number of times, and is then `ungraded`.
 */
import { setImmediate } from 'node:timers'
import type { SandboxGone } from '../src/errors.ts'
import type { Frame } from './frames.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import type { Launch, SandboxProcess } from './process.ts'
import type { Tally } from './tally.ts'
import { jobBodies, type Report, readReply, type Unit, ungraded } from './unit.ts'
import { type Batch, createWaiting, holdMs } from './waiting.ts'

export type Lane = {
  run: (unit: Omit<Unit, 'tries' | 'addedAt' | 'settle'>) => Promise<Report>
  /** How many tame units are not done. */
  load: () => number
  pids: () => number[]
  stop: () => Promise<void>
}

export type LaneOptions = {
  launch: Launch
  hashSeed: number
  workers: number
  /** How many may share a child now. */
  sharing: () => number
  /** Whether units are on their way here, so that it is worth waiting a moment to fill a child. */
  isMoreComing: () => boolean
  tally: Tally
}

type Server = {
  process: SandboxProcess | null
  keeper: Keeper | null
  batch: Batch | null
  /** Units of the batch that were not reported yet, by number. */
  open: Map<number, Unit>
  timer: NodeJS.Timeout | undefined
}

const maxTries = 3
// A lone start, a machine under load. A unit in a batch has a slice (azr_sandbox/server.py).
const patienceMs = 5000
const patienceEachMs = 700

const patienceOf = ({ units, isShared }: Batch) => {
  const each = isShared ? patienceEachMs : 13 * (units[0] as Unit).limits.timeoutMs
  return patienceMs + each * units.length
}

export async function startLane(options: LaneOptions): Promise<Lane> {
  const { launch, hashSeed, workers, sharing, isMoreComing, tally } = options
  const waiting = createWaiting(sharing, hashSeed % 2 === 0)
  const servers: Server[] = Array.from({ length: workers }, () => ({
    ...{ process: null, keeper: null, batch: null, open: new Map(), timer: undefined },
  }))
  let load = 0
  let isDue = false
  let held: NodeJS.Timeout | undefined

  const dispatch = () => {
    isDue = false
    clearTimeout(held)
    const idle = servers.filter(({ process, batch }) => process && !batch)
    for (let i = 0; i < idle.length; i++) {
      const batch = waiting.take(idle.length - i, isMoreComing())
      if (!batch) {
        if (waiting.isHolding()) held = setTimeout(wake, holdMs)
        return
      }
      give(idle[i] as Server, batch)
    }
  }
  const wake = () => {
    if (isDue) return
    isDue = true
    // Not a microtask: all that arrived together is to be there.
    setImmediate(dispatch)
  }
  const give = (server: Server, batch: Batch) => {
    server.batch = batch
    server.open = new Map(batch.units.entries())
    tally.batches += 1
    server.process?.send(null, jobBodies(batch.units, batch.isShared))
    watch(server, batch)
  }
  const watch = (server: Server, batch: Batch) => {
    clearTimeout(server.timer)
    server.timer = setTimeout(() => server.process?.kill(), patienceOf(batch))
  }
  const alone = (unit: Unit) => {
    tally.anomalies += 1
    waiting.add({ ...unit, isTame: false })
  }
  const take = (server: Server, { body }: Frame) => {
    const { batch, open } = server
    if (!batch) return
    const { reports, isDone, failed, peakMemoryBytes, wallMs } = readReply(body)
    for (const { number, outcome, text, cpuMs } of reports) {
      const unit = open.get(number)
      if (!unit) continue
      open.delete(number)
      // Whose memory it was is known only of one that is alone.
      if (batch.isShared && outcome === 'memoryExceeded') alone(unit)
      else {
        tally[batch.isShared ? 'shared' : 'alone'] += 1
        unit.settle({
          outcome,
          text,
          cpuMs: Math.min(cpuMs, unit.limits.timeoutMs),
          wallMs,
          peakMemoryBytes,
        })
      }
    }
    if (!isDone) return watch(server, batch)
    clearTimeout(server.timer)
    server.batch = null
    for (const [number, unit] of [...open].reverse()) {
      if (number === failed || failed === null) alone(unit)
      else waiting.putBack(unit)
    }
    open.clear()
    wake()
  }
  const lose = (server: Server, error: SandboxGone) => {
    const lost = [...server.open.values()]
    clearTimeout(server.timer)
    Object.assign(server, { process: null, batch: null, open: new Map() })
    for (const unit of lost) {
      tally.retries += 1
      if (unit.tries + 1 >= maxTries) unit.settle(ungraded(error.message))
      else waiting.add({ ...unit, isTame: false, tries: unit.tries + 1 })
    }
    wake()
  }
  const giveUp = (error: SandboxGone) => {
    if (servers.some(({ process, keeper }) => process || keeper?.gone() === null)) return
    for (const unit of waiting.clear()) unit.settle(ungraded(error.message))
  }
  const keep = async (server: Server) => {
    const role = { name: 'server', hashSeed } as const
    server.keeper = await createKeeper(launch, role, tally, {
      begin(process) {
        server.process = process
        process.onFrame(frame => take(server, frame))
        wake()
      },
      end: ({ error }) => lose(server, error),
      giveUp,
    })
  }
  const stop = async () => {
    clearTimeout(held)
    await Promise.all(servers.map(({ keeper }) => keeper?.stop()))
  }
  const started = await Promise.allSettled(servers.map(keep))
  const broken = started.find(result => result.status === 'rejected')
  if (broken) {
    await stop()
    throw broken.reason
  }
  return {
    run: unit =>
      new Promise(resolve => {
        const gone = servers.map(({ keeper }) => keeper?.gone() ?? null)
        if (gone.every(error => error !== null)) return resolve(ungraded(gone[0]?.message ?? ''))
        const weight = unit.isTame ? 1 : 0
        const settle = (report: Report) => {
          load -= weight
          resolve(report)
        }
        load += weight
        waiting.add({ ...unit, tries: 0, addedAt: performance.now(), settle })
        wake()
      }),
    load: () => load,
    pids: () => servers.flatMap(({ keeper }) => keeper?.pids() ?? []),
    stop,
  }
}
