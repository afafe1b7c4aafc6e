/** What units of work are given: the edges of the world, as types, and what the step has learned. */
import type { ItemOrder, ProposeOrder, SolveOrder } from '../../actors/messages.ts'
import type { Limits, Sandbox } from '../../sandbox/types.ts'
import type { Store } from '../../state/types.ts'
import type { Config } from '../config.ts'
import type { Dialect } from '../domain/prompts/dialect.ts'
import type { Kind, Task } from '../domain/task.ts'
import type { EngineServer, Learner } from '../engine/types.ts'
import type { Suite } from './suites.ts'

/** A proposal with its verdict, before duplicates within the step are decided. */
export type Candidate = {
  order: ProposeOrder
  /** Null where it was refused. */
  task: Task | null
  reason: string | null
  /** What the model wrote, as far as it could be read. */
  program: string | null
  inputs: string[]
  message: string
}

/** What one step holds in memory; all of it can be derived again from rows. */
export type Session = {
  step: number
  /** Tasks by hash: those of the buffers that were drawn, and this step's own. */
  tasks: Map<string, Task>
  candidates: Map<string, Candidate>
  /** Hashes that the buffers held when the step began. */
  known: Set<string>
  buffers: Record<Kind, string[]>
  proposals: ProposeOrder[]
  solves: SolveOrder[]
  items: ItemOrder[]
  /** Clock and CPU time when it began, ms. */
  wallMs: number
  cpuMs: number
  times: { rollingMs: number; learnerMs: number; evaluateMs: number }
  /** When the phase that goes on began. */
  markMs: number
}

export type Ports = {
  config: Config
  dialect: Dialect
  store: Store
  sandbox: Sandbox
  /** The engine and the learner that live now; they throw while there is none. */
  engine: () => EngineServer
  learner: () => Learner
  suites: Map<string, Suite>
  /** The model's folder, absolute. */
  model: string
  session: Session
  /** Version of the weights that the learner holds, or null where that is not known. */
  learnerVersion: number | null
}

export function emptySession(step: number, cpuMs: number): Session {
  return {
    step,
    tasks: new Map(),
    candidates: new Map(),
    known: new Set(),
    buffers: { deduction: [], abduction: [], induction: [] },
    proposals: [],
    solves: [],
    items: [],
    wallMs: performance.now(),
    cpuMs,
    times: { rollingMs: 0, learnerMs: 0, evaluateMs: 0 },
    markMs: performance.now(),
  }
}

export function taskOf(ports: Ports, hash: string): Task {
  const task = ports.session.tasks.get(hash)
  if (!task) throw new Error(`Cannot find task ${hash} in step ${ports.session.step}`)
  return task
}

/** Limits of an answer's execution; a task has to do with half the time (design, section 2). */
export function limitsOf({ sandbox }: Config, share: 1 | 0.5): Limits {
  const { timeoutMs, memoryMb, maxOutputBytes } = sandbox
  return { timeoutMs: timeoutMs * share, memoryMb, maxOutputBytes, runs: 2 }
}
