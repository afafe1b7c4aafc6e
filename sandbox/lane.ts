/**
 * The servers of one hash seed. Each has one frame at a time: a batch of units that share a child,
 * or one unit. Units that are lost with a server run again alone, a limited number of times, and
 * are then `ungraded`.
 */
import { setImmediate } from 'node:timers'
import type { SandboxGone } from '../domain/errors.ts'
import type { Frame } from '../lib/frames.ts'
import { createKeeper, type Keeper } from './keeper.ts'
import type { Launch, SandboxProcess } from './process.ts'
import type { Tally } from './tally.ts'
import { jobBodies, type Report, readReply, type Unit, ungraded } from './unit.ts'
import { type Batch, createWaiting, holdMs } from './waiting.ts'

export type Lane = {
  run: (unit: Omit<Unit, 'tries' | 'addedAt' | 'settle'>) => Promise<Report>
  /** The number of unfinished units that may share a child. */
  load: () => number
  pids: () => number[]
  stop: () => Promise<void>
}

export type LaneOptions = {
  launch: Launch
  hashSeed: number
  workers: number
  /** How many units may share a child now. */
  sharing: () => number
  /** Whether units are on their way, so that it is worth waiting a moment to fill a child. */
  isMoreComing: () => boolean
  tally: Tally
}

type Server = {
  process: SandboxProcess | null
  keeper: Keeper | null
  batch: Batch | null
  /** Units of the batch without a report, by number. */
  open: Map<number, Unit>
  timer: NodeJS.Timeout | undefined
}

const maxTries = 3
// For a slow start on a busy machine. A unit in a batch has a slice (azr_sandbox/server.py).
const patienceMs = 5000
const patienceEachMs = 700

const patienceOf = ({ units, isShared }: Batch) => {
  const each = isShared ? patienceEachMs : 13 * (units[0] as Unit).limits.timeoutMs
  return patienceMs + each * units.length
}

type State = LaneOptions & {
  waiting: ReturnType<typeof createWaiting>
  servers: Server[]
  load: number
  isDue: boolean
  held: NodeJS.Timeout | undefined
}

function dispatch(lane: State): void {
  lane.isDue = false
  clearTimeout(lane.held)
  const idle = lane.servers.filter(({ process, batch }) => process && !batch)
  for (let i = 0; i < idle.length; i++) {
    const batch = lane.waiting.take(idle.length - i, lane.isMoreComing())
    if (!batch) {
      if (lane.waiting.isHolding()) lane.held = setTimeout(() => wake(lane), holdMs)
      return
    }
    give(lane, idle[i] as Server, batch)
  }
}

function wake(lane: State): void {
  if (lane.isDue) return
  lane.isDue = true
  // A microtask would be too early: all units that arrive together must be there.
  setImmediate(() => dispatch(lane))
}

function give(lane: State, server: Server, batch: Batch): void {
  server.batch = batch
  server.open = new Map(batch.units.entries())
  lane.tally.batches += 1
  server.process?.send(null, jobBodies(batch.units, batch.isShared))
  watch(server, batch)
}

function watch(server: Server, batch: Batch): void {
  clearTimeout(server.timer)
  server.timer = setTimeout(() => server.process?.kill(), patienceOf(batch))
}

function alone({ tally, waiting }: State, unit: Unit): void {
  tally.anomalies += 1
  waiting.add({ ...unit, mayShare: false })
}

function take(lane: State, server: Server, { body }: Frame) {
  const { batch, open } = server
  if (!batch) return
  const { reports, isDone, failed, peakMemoryBytes, wallMs } = readReply(body)
  for (const { number, outcome, text, cpuMs: spentMs } of reports) {
    const unit = open.get(number)
    if (!unit) continue
    open.delete(number)
    // The memory of a shared child cannot be attributed, so the unit runs alone.
    if (batch.isShared && outcome === 'memoryExceeded') alone(lane, unit)
    else {
      lane.tally[batch.isShared ? 'shared' : 'alone'] += 1
      const cpuMs = Math.min(spentMs, unit.limits.timeoutMs)
      unit.settle({ outcome, text, cpuMs, wallMs, peakMemoryBytes })
    }
  }
  if (!isDone) return watch(server, batch)
  clearTimeout(server.timer)
  server.batch = null
  for (const [number, unit] of [...open].reverse()) {
    if (number === failed || failed === null) alone(lane, unit)
    else lane.waiting.putBack(unit)
  }
  open.clear()
  wake(lane)
}

function lose(lane: State, server: Server, error: SandboxGone): void {
  const lost = [...server.open.values()]
  clearTimeout(server.timer)
  Object.assign(server, { process: null, batch: null, open: new Map() })
  for (const unit of lost) {
    lane.tally.retries += 1
    if (unit.tries + 1 >= maxTries) unit.settle(ungraded(error.message))
    else lane.waiting.add({ ...unit, mayShare: false, tries: unit.tries + 1 })
  }
  wake(lane)
}

function giveUp({ servers, waiting }: State, error: SandboxGone): void {
  if (servers.some(({ process, keeper }) => process || keeper?.gone() === null)) return
  for (const unit of waiting.clear()) unit.settle(ungraded(error.message))
}

async function keep(lane: State, server: Server): Promise<void> {
  const role = { name: 'server', hashSeed: lane.hashSeed } as const
  server.keeper = await createKeeper(lane.launch, role, lane.tally, {
    begin(process) {
      server.process = process
      process.onFrame(frame => take(lane, server, frame))
      wake(lane)
    },
    end: ({ error }) => lose(lane, server, error),
    giveUp: error => giveUp(lane, error),
  })
}

function runIn(lane: State, unit: Parameters<Lane['run']>[0]): Promise<Report> {
  return new Promise(resolve => {
    const gone = lane.servers.map(({ keeper }) => keeper?.gone() ?? null)
    if (gone.every(error => error !== null)) return resolve(ungraded(gone[0]?.message ?? ''))
    const weight = unit.mayShare ? 1 : 0
    const settle = (report: Report) => {
      lane.load -= weight
      resolve(report)
    }
    lane.load += weight
    lane.waiting.add({ ...unit, tries: 0, addedAt: performance.now(), settle })
    wake(lane)
  })
}

export async function startLane(options: LaneOptions): Promise<Lane> {
  const waiting = createWaiting(options.sharing, options.hashSeed % 2 === 0)
  const servers: Server[] = Array.from({ length: options.workers }, () => ({
    process: null,
    keeper: null,
    batch: null,
    open: new Map(),
    timer: undefined,
  }))
  const lane: State = {
    ...options,
    waiting,
    servers,
    load: 0,
    isDue: false,
    held: undefined,
  }
  const stop = async () => {
    clearTimeout(lane.held)
    await Promise.all(servers.map(({ keeper }) => keeper?.stop()))
  }
  const started = await Promise.allSettled(servers.map(server => keep(lane, server)))
  const broken = started.find(result => result.status === 'rejected')
  if (broken) {
    await stop()
    throw broken.reason
  }
  return {
    run: unit => runIn(lane, unit),
    load: () => lane.load,
    pids: () => servers.flatMap(({ keeper }) => keeper?.pids() ?? []),
    stop,
  }
}
