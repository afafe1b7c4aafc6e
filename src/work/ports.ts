/** What units of work are given: the edges of the world, as types, and what the step has learned. */
import type { ProposeOrder, SolveOrder } from '../../actors/messages.ts'
import type { Limits, Sandbox } from '../../sandbox/types.ts'
import type { NewRow, Store } from '../../state/types.ts'
import type { Config } from '../config.ts'
import type { Advantage } from '../domain/advantage.ts'
import { bounded } from '../domain/curriculum.ts'
import type { Dialect } from '../domain/prompts/dialect.ts'
import { emptyRecord, type TaskRecord } from '../domain/record.ts'
import { type Kind, kinds, type Task } from '../domain/task.ts'
import type { EngineServer, Learner } from '../engine/types.ts'
import type { Graders } from '../grading/graders.ts'
import type { Suite } from './suites.ts'
import type { Verdicts } from './verdicts.ts'
import type { Watch } from './watch.ts'

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
  /** Whether the seeding is over: only then are there rollouts to draw the probes from. */
  isSeeded: boolean
  /** Tasks by hash: those drawn from the buffers, and this step's own, these by wording as well. */
  tasks: Map<string, Task>
  candidates: Map<string, Candidate>
  /** Hashes of tasks, oldest first, as they stood when the step (or the round of seeding) began. */
  buffers: Record<Kind, string[]>
  /** The same hashes, for asking. */
  known: Set<string>
  /** What is known of them, as it stood then. */
  record: TaskRecord
  /** What this step (or round) adds to the buffers, in id order. */
  accepted: Record<Kind, string[]>
  /** What the step before added. */
  previous: Record<Kind, string[]>
  /** Proposals of this step, or of the current round of seeding. */
  proposals: ProposeOrder[]
  solves: SolveOrder[]
  /** Accepted tasks whose estimate's answers are trained on. */
  reused: Set<string>
  batch: Advantage[]
  /** What the step measured beside its rows, for its curves. */
  figures: Record<string, number>
  times: Times
}

/** Clock and CPU time since the process began, ms; spans of the phases, ms. */
export type Times = {
  wallMs: number
  cpuMs: number
  markMs: number
  rollingMs: number
  learnerMs: number
  evaluateMs: number
}

export type Ports = {
  config: Config
  dialect: Dialect
  store: Store
  sandbox: Sandbox
  /** What the sandbox counted of itself since this was last asked; in a replay nothing. */
  sandboxCounts: () => Record<string, number>
  /** The judge, which is asked once for equal answers to a task. */
  verdicts: Verdicts
  /** The engine and the learner that live now; they throw while there is none. */
  engine: () => EngineServer
  learner: () => Learner
  suites: Map<string, Suite>
  /** For suites that are benchmarks. */
  graders: Graders
  /** The model's folder, absolute. */
  model: string
  session: Session
  /** What the engine serves. */
  policy: { version: number }
  /** Version and hash of the weights that the learner holds, or null where that is not known. */
  held: { version: number; weightsHash: string } | null
  /** Tokens a pass that the longest sequences were found to fit with; null: not tried yet. */
  fits: number | null
  /** How the engine scored the probes when the gate last passed; null before. */
  lastScores: Float32Array[] | null
  /** Asked after each step whether the run may go on. */
  watch: Watch
  /** Hears of each finished step. */
  onStep: (row: NewRow<'steps'>, metrics: Record<string, number>) => void
  /** Hears how a long start gets on. */
  onProgress: (what: string) => void
}

const perKind = (): Record<Kind, string[]> => ({ deduction: [], abduction: [], induction: [] })

export function emptySession(step: number): Session {
  const { user, system } = process.cpuUsage()
  const now = performance.now()
  return {
    step,
    isSeeded: false,
    tasks: new Map(),
    candidates: new Map(),
    known: new Set(),
    record: emptyRecord(),
    buffers: perKind(),
    accepted: perKind(),
    previous: perKind(),
    proposals: [],
    solves: [],
    reused: new Set(),
    batch: [],
    figures: {},
    times: {
      wallMs: now,
      cpuMs: (user + system) / 1000,
      markMs: now,
      rollingMs: 0,
      learnerMs: 0,
      evaluateMs: 0,
    },
  }
}

/** Moves what was accepted in a step into the buffers, which drop their oldest. */
export function absorb(session: Session, step: number, capacity: number): void {
  for (const kind of kinds) {
    const fresh = bounded(session.accepted[kind], capacity)
    session.buffers[kind] = bounded(session.buffers[kind].concat(fresh), capacity)
    session.previous[kind] = fresh
    for (const hash of fresh) session.record.added.set(hash, step)
  }
  session.accepted = perKind()
  session.known = new Set(kinds.flatMap(kind => session.buffers[kind]))
}

export function taskOf(ports: Ports, hash: string): Task {
  const task = ports.session.tasks.get(hash)
  if (!task) throw new Error(`Cannot find task ${hash} in step ${ports.session.step}`)
  return task
}

/** Limits of an answer's execution; a task has to do with half the time (design, section 2). */
export function limitsOf({ sandbox }: Config, share: 1 | 0.5): Limits {
  const { timeoutMs, memoryMb, maxOutputBytes } = sandbox
  // A task is kept, and asked again and again: it has to be the same in as many runs as are wanted.
  const runs = share === 0.5 ? sandbox.runs : 2
  return { timeoutMs: timeoutMs * share, memoryMb, maxOutputBytes, runs }
}
