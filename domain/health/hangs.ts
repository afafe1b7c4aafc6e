/**
 * Finds parts of a live run that have stopped moving, and since when. It reads the states of the
 * actors, the run's pulse and its processes.
 */
import type { ProcessState } from '../../lib/processes.ts'
import type { QueueDepth, Vitals } from './vitals.ts'

export type Hang = { what: string; since_ms: number; message: string }

/** An actor's state, since when, and the last message to or from it. */
export type MachineRow = {
  actor: string
  state: string
  since_ms: number
  deadline_ms: number
  last_message: { type: string; at_ms: number } | null
}

export type Signs = {
  machines: MachineRow[]
  processes: ProcessState[]
  /** The newest pulse, and when it was written; null if there is none yet. */
  vitals: { at_ms: number; taken: Vitals } | null
  /** The process that owns the run. */
  pid: number | null
  isPaused: boolean
  nowMs: number
}

const itemActors = ['proposer', 'solver', 'executor', 'evaluator']
/** States in which an actor waits for a command, so that waiting is normal. */
const resting = ['idle', 'serving', 'finished', 'failed']
/** Share of a deadline after which people are told. At the deadline the actor itself acts. */
const toldAt = 0.8
/** Share of a deadline after which a full queue that does not move is reported. */
const fullAt = 0.5
/** A pulse comes every two seconds in any state. */
export const silenceMs = 30_000
/** A transaction normally takes milliseconds. */
export const slowMs = 5000

const whoIsBehind: Record<string, string> = {
  proposer: 'the engine, which samples for it',
  solver: 'the engine, which samples for it',
  evaluator: 'the engine, which samples for it',
  executor: 'the sandbox, which runs its programs',
  trainer: 'the learner process',
  engine: 'the engine server',
  run: 'the actor that it sent its last message to: a message may be lost',
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

function late(machine: MachineRow, nowMs: number): Hang[] {
  const { actor, state, since_ms, deadline_ms, last_message } = machine
  if (resting.some(name => state.endsWith(name))) return []
  // Each item of an actor sends a message, so the last message counts too.
  const heard = itemActors.includes(actor) || actor === 'run' ? (last_message?.at_ms ?? 0) : 0
  const lastMs = Math.max(since_ms, heard)
  if (nowMs - lastMs < deadline_ms * toldAt) return []
  const message =
    `${actor} is ${state} and has received nothing for ${seconds(nowMs - lastMs)} (its ` +
    `deadline is ${seconds(deadline_ms)}): look at ${whoIsBehind[actor] ?? 'its log'}`
  return [{ what: actor, since_ms: lastMs, message }]
}

/** One hang per type of process: a sandbox has many processes, and all stop together. */
function suspended(processes: ProcessState[], nowMs: number): Hang[] {
  const still = processes.filter(({ isSuspended }) => isSuspended)
  return [...Map.groupBy(still, ({ name }) => name)].map(([name, group]) => {
    const pids = group.map(({ pid }) => pid).join(', ')
    const message = `${name} (process ${pids}) is suspended: continue it with kill -CONT ${group[0]?.pid}`
    return { what: name, since_ms: nowMs, message }
  })
}

type Pulse = NonNullable<Signs['vitals']>

/** All credits are in use, more orders wait, and no credit came back for long. */
function full({ at_ms, taken }: Pulse, machines: MachineRow[], nowMs: number): Hang[] {
  const queue = (name: 'samples' | 'checks', actor: string, what: string): Hang[] => {
    const { waiting, flying, most, still_ms }: QueueDepth = taken.queues[name]
    const deadlineMs = machines.find(found => found.actor === actor)?.deadline_ms ?? Infinity
    const stillMs = still_ms + nowMs - at_ms
    if (flying < most || waiting === 0 || stillMs < deadlineMs * fullAt) return []
    const message =
      `the queue of ${what} is full and does not move: ${flying} of ${most} in flight, ` +
      `${waiting} waiting, no answer for ${seconds(stillMs)}: look at ${whoIsBehind[actor]}`
    return [{ what: name, since_ms: nowMs - stillMs, message }]
  }
  return [
    ...queue('samples', 'solver', 'completions'),
    ...queue('checks', 'executor', 'executions'),
  ]
}

/** A slow disk, a writer that waits for it, or a process whose pulse stopped. */
function store({ at_ms, taken }: Pulse, nowMs: number): Hang[] {
  const { rows, oldest_ms, commit_ms } = taken.writes
  const silent = nowMs - at_ms
  if (silent >= silenceMs) {
    const message =
      `nothing was written for ${seconds(silent)}, not even the pulse: the writer is waiting ` +
      'for the disk or for another process that holds run.db, or azr itself hangs'
    return [{ what: 'store', since_ms: at_ms, message }]
  }
  const longest = Math.max(oldest_ms, commit_ms)
  if (longest < slowMs) return []
  const message =
    `a transaction takes ${seconds(longest)} and ${rows} rows are waiting: the disk is slow, ` +
    'or another process holds run.db'
  return [{ what: 'store', since_ms: at_ms - longest, message }]
}

export function hangsOf({ machines, processes, vitals, pid, isPaused, nowMs }: Signs): Hang[] {
  const still = suspended(processes, nowMs)
  const slow = isPaused ? [] : machines.flatMap(machine => late(machine, nowMs))
  // A pulse of the previous owner says nothing about the current one.
  const pulse = vitals !== null && vitals.taken.pid === pid ? vitals : null
  const isAzrStill = still.some(({ what }) => what === 'azr')
  const waits = pulse && !isAzrStill ? store(pulse, nowMs) : []
  return [...still, ...waits, ...(pulse ? full(pulse, machines, nowMs) : []), ...slow]
}
