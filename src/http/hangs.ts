/** What stands still in a live run, and since when: told from the actors' states and the processes. */
import type { MachineRow } from '../../state/reader-pages.ts'
import type { ProcessState } from '../processes.ts'

export type Hang = { what: string; since_ms: number; message: string }

const itemActors = ['proposer', 'solver', 'executor', 'evaluator']
/** States in which an actor waits for a command, not for the world. */
const resting = ['idle', 'serving', 'finished', 'failed']
/** A process that is alive says something this often, whatever it waits for. */
const silenceMs = 60_000

const whoIsBehind: Record<string, string> = {
  proposer: 'the engine, which samples for it',
  solver: 'the engine, which samples for it',
  evaluator: 'the engine, which samples for it',
  executor: 'the sandbox, which runs its programs',
  trainer: 'the learner process',
  engine: 'the engine server',
  run: 'what it ordered last',
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`

function late(machine: MachineRow, nowMs: number): Hang[] {
  const { actor, state, since_ms, deadline_ms, last_message } = machine
  if (resting.some(name => state.endsWith(name))) return []
  // An actor with items in hand is heard of with each of them.
  const heard = itemActors.includes(actor) || actor === 'run' ? (last_message?.at_ms ?? 0) : 0
  const lastMs = Math.max(since_ms, heard)
  if (nowMs - lastMs < deadline_ms) return []
  const message =
    `${actor} is ${state} and has heard nothing for ${seconds(nowMs - lastMs)}, beyond its deadline ` +
    `of ${seconds(deadline_ms)}: look at ${whoIsBehind[actor] ?? 'its log'}`
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

/** A run whose every part is quiet: its writer, its disk or the process itself stands still. */
function silent(machines: MachineRow[], lastMs: number, isPaused: boolean, nowMs: number): Hang[] {
  const isBusy = machines.some(({ actor, state }) => itemActors.includes(actor) && state === 'busy')
  if (isPaused || !isBusy || nowMs - lastMs < silenceMs) return []
  const message =
    `nothing was written for ${seconds(nowMs - lastMs)} while actors have items in hand: the writer ` +
    'waits for the disk or for another process that holds run.db, or a message was lost'
  return [{ what: 'store', since_ms: lastMs, message }]
}

export function hangsOf(
  machines: MachineRow[],
  processes: ProcessState[],
  told: { lastMs: number; isPaused: boolean; nowMs: number },
): Hang[] {
  const { lastMs, isPaused, nowMs } = told
  const slow = isPaused ? [] : machines.flatMap(machine => late(machine, nowMs))
  return [...suspended(processes, nowMs), ...slow, ...silent(machines, lastMs, isPaused, nowMs)]
}
