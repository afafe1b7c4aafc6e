/**
 * Tells what stands still in a live run, and since when: from the states of the actors, the pulse of
 * the run and its processes.
 */
import type { ProcessState } from '../../lib/processes.ts'
import type { QueueDepth, Vitals } from './vitals.ts'

export type Hang = { what: string; since_ms: number; message: string }

/** What an actor does: its state, since when, and the last message to it or from it. */
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
  /** The newest pulse, and when it was written; null: there is none yet. */
  vitals: { at_ms: number; taken: Vitals } | null
  /** Who owns the run now. */
  pid: number | null
  isPaused: boolean
  nowMs: number
}

const itemActors = ['proposer', 'solver', 'executor', 'evaluator']
/** States in which an actor waits for a command, not for the world. */
const resting = ['idle', 'serving', 'finished', 'failed']
/** An actor acts at its deadline: people are told while they can still do something. */
const toldAt = 0.8
/** A queue that is full and does not move is told sooner than who waits for it. */
const fullAt = 0.5
/** A pulse comes every two seconds, whatever goes on. */
export const silenceMs = 30_000
/** A transaction takes milliseconds. */
export const slowMs = 5000

const whoIsBehind: Record<string, string> = {
  proposer: 'the engine, which samples for it',
  solver: 'the engine, which samples for it',
  evaluator: 'the engine, which samples for it',
  executor: 'the sandbox, which runs its programs',
  trainer: 'the learner process',
  engine: 'the engine server',
  run: 'what it ordered last: a message to it or from it may be lost',
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

function late(machine: MachineRow, nowMs: number): Hang[] {
  const { actor, state, since_ms, deadline_ms, last_message } = machine
  if (resting.some(name => state.endsWith(name))) return []
  // An actor with items in hand is heard of with each of them.
  const heard = itemActors.includes(actor) || actor === 'run' ? (last_message?.at_ms ?? 0) : 0
  const lastMs = Math.max(since_ms, heard)
  if (nowMs - lastMs < deadline_ms * toldAt) return []
  const message =
    `${actor} is ${state} and has heard nothing for ${seconds(nowMs - lastMs)}, of the ` +
    `${seconds(deadline_ms)} that it may wait: look at ${whoIsBehind[actor] ?? 'its log'}`
  return [{ what: actor, since_ms: lastMs, message }]
}

/** Of each kind one: a sandbox has many processes, and all stand still together. */
function suspended(processes: ProcessState[], nowMs: number): Hang[] {
  const still = processes.filter(({ isSuspended }) => isSuspended)
  return [...Map.groupBy(still, ({ name }) => name)].map(([name, group]) => {
    const pids = group.map(({ pid }) => pid).join(', ')
    const message = `${name} (process ${pids}) is suspended: let it go on with kill -CONT ${group[0]?.pid}`
    return { what: name, since_ms: nowMs, message }
  })
}

type Pulse = NonNullable<Signs['vitals']>

/** All credits are out, more waits, and none came back for long. */
function full({ at_ms, taken }: Pulse, machines: MachineRow[], nowMs: number): Hang[] {
  const queue = (name: 'samples' | 'checks', actor: string, what: string): Hang[] => {
    const { waiting, flying, most, still_ms }: QueueDepth = taken.queues[name]
    const deadlineMs = machines.find(found => found.actor === actor)?.deadline_ms ?? Infinity
    const stillMs = still_ms + nowMs - at_ms
    if (flying < most || waiting === 0 || stillMs < deadlineMs * fullAt) return []
    const message =
      `the queue of ${what} is full and does not move: ${flying} of ${most} in flight, ${waiting} ` +
      `wait, none came back for ${seconds(stillMs)}: look at ${whoIsBehind[actor]}`
    return [{ what: name, since_ms: nowMs - stillMs, message }]
  }
  return [
    ...queue('samples', 'solver', 'completions'),
    ...queue('checks', 'executor', 'executions'),
  ]
}

/** A disk that is slow, or a writer that waits for it; a process whose pulse stopped. */
function store({ at_ms, taken }: Pulse, nowMs: number): Hang[] {
  const { rows, oldest_ms, commit_ms } = taken.writes
  const silent = nowMs - at_ms
  if (silent >= silenceMs) {
    const message =
      `nothing was written for ${seconds(silent)}, not even the pulse: the writer waits for the disk ` +
      'or for another process that holds run.db, or azr itself is stuck'
    return [{ what: 'store', since_ms: at_ms, message }]
  }
  const longest = Math.max(oldest_ms, commit_ms)
  if (longest < slowMs) return []
  const message =
    `a transaction takes ${seconds(longest)} and ${rows} rows wait: the disk is slow, or another ` +
    'process holds run.db'
  return [{ what: 'store', since_ms: at_ms - longest, message }]
}

export function hangsOf({ machines, processes, vitals, pid, isPaused, nowMs }: Signs): Hang[] {
  const still = suspended(processes, nowMs)
  const slow = isPaused ? [] : machines.flatMap(machine => late(machine, nowMs))
  // The pulse of who had the run before says nothing of who has it now.
  const pulse = vitals !== null && vitals.taken.pid === pid ? vitals : null
  const isAzrStill = still.some(({ what }) => what === 'azr')
  const waits = pulse && !isAzrStill ? store(pulse, nowMs) : []
  return [...still, ...waits, ...(pulse ? full(pulse, machines, nowMs) : []), ...slow]
}
