/**
 * Where a run stands, and what a step proposes. Buffers are read as they stood when the step (in
 * the seeding: the round) began. What a seeding adds is settled in settle.ts like any step's tasks.
 */
import type { ProposeOrder, SampleOrder } from '../../../actors/messages.ts'
import type { Located, Place, Plan } from '../../../actors/run-context.ts'
import { kindsToFill, kindsToSeed, planProposals } from '../../../domain/curriculum.ts'
import { AzrError } from '../../../domain/errors.ts'
import { formatKey, parseKey } from '../../../domain/key.ts'
import { noteAnswers } from '../../../domain/record.ts'
import type { SolverVerdict } from '../../../domain/reward.ts'
import type { Kind, Task } from '../../../domain/task.ts'
import { kinds } from '../../../domain/task.ts'
import type { TaskRow } from '../../../state/types.ts'
import { absorb, emptySession, type Ports, type Session } from './ports.ts'
import { checkDraft } from './propose.ts'
import { gradeProposals } from './score.ts'
import { insertTasks } from './settle.ts'

/** A fresh run stands at step 0; another at the first step that did not finish. */
export async function locateRun(ports: Ports): Promise<Located> {
  const last = await ports.store.read.lastStep()
  if (last === null) return { step: 0, round: 0, version: 0, done: false }
  ports.session.isSeeded = true
  return { step: last + 1, round: 0, version: last, done: last >= ports.config.steps }
}

export function toTask(row: TaskRow): Task {
  const { id, kind, pairs, message } = row
  const [program, normalized, hash] = [row.program, row.normalized, row.hash]
  if (program === null || normalized === null || hash === null) {
    throw new Error(`Cannot use task ${id} as it was refused`)
  }
  return { id, kind, program, normalized, pairs, message, hash }
}

/** Reads what of these tasks is not in memory yet. */
export async function loadTasks(ports: Ports, hashes: Iterable<string>): Promise<void> {
  const { tasks } = ports.session
  const missing = [...new Set(hashes)].filter(hash => !tasks.has(hash))
  if (missing.length === 0) return
  const rows = await ports.store.read.tasksByHash(missing)
  for (const row of rows) {
    const hash = row.hash as string
    if (!tasks.has(hash)) tasks.set(hash, toTask(row))
  }
}

/** The answers of the step that is in memory, in the order of their ids. */
function answersInMemory({ store }: Ports) {
  return store.rowsOf('grades').flatMap(({ id, role, verdict }) => {
    const task = role === 'solver' ? store.cached('rollouts', id)?.task_hash : null
    return task ? [{ task, verdict: verdict as SolverVerdict }] : []
  })
}

/** What the step before left in memory. */
function goOn(ports: Ports, last: Session, session: Session): void {
  session.buffers = last.buffers
  session.accepted = last.accepted
  session.record = last.record
  absorb(session, last.step, ports.config.buffer.capacity)
  if (session.step === 1) session.previous = { ...session.buffers }
}

/** The same, from the store. */
async function readBack({ config, store }: Ports, session: Session): Promise<void> {
  const before = session.step - 1
  for (const kind of kinds) {
    const rows = await store.read.buffer(kind, before, config.buffer.capacity)
    const added = rows.map(({ id, hash }) => ({ hash, step: parseKey(id).step }))
    session.buffers[kind] = rows.map(({ hash }) => hash)
    session.previous[kind] = added.filter(({ step }) => step === before).map(({ hash }) => hash)
    for (const { hash, step } of added) session.record.added.set(hash, step)
  }
  session.known = new Set(kinds.flatMap(kind => session.buffers[kind]))
  if (config.solve.draw === 'uniform') return
  noteAnswers(session.record, await store.read.answers(before), config.estimate.samples)
}

/** The buffers at the end of the step before: kept in memory from one step to the next. */
async function beginStep(ports: Ports, step: number): Promise<void> {
  const { config, store, session: last } = ports
  noteAnswers(last.record, answersInMemory(ports), config.estimate.samples)
  await store.beginStep(step)
  const session = emptySession(step)
  ports.session = session
  if (step === 0) return
  session.isSeeded = true
  if (last.step === step - 1) goOn(ports, last, session)
  else await readBack(ports, session)
}

/** The tasks that no model wrote: the identity, with an input for each kind. */
async function insertZeroTasks(ports: Ports): Promise<void> {
  const { config, dialect, session } = ports
  const signal = AbortSignal.timeout(config.deadlines.itemSeconds * 1000)
  for (const kind of kindsToFill(config)) {
    const id = formatKey({ step: 0, purpose: 'seed', kind, index: 0, sample: 0 })
    const order: ProposeOrder = { id, attempt: 0, kind, references: [], program: null }
    const candidate = await checkDraft(ports, order, dialect.zero[kind], signal)
    if (!candidate.task) throw new AzrError(`Cannot seed ${kind}: ${candidate.reason}`)
    session.candidates.set(id, candidate)
    await insertTasks(ports, kind, [order])
  }
}

/** Why proposals of this kind were mostly refused; null where none was. */
function commonestRefusal(kind: Kind, { session }: Ports): string | null {
  const refused = [...session.candidates.values()].filter(({ order, task }) => {
    return order.kind === kind && task === null
  })
  const byReason = [...Map.groupBy(refused, ({ reason }) => reason ?? 'no reason')]
  const [most] = byReason.toSorted(([, a], [, b]) => b.length - a.length)
  return most ? `refused ${most[1].length} times: ${most[0]}` : null
}

function refuseToBegin(short: Kind[], ports: Ports): never {
  const { seeding } = ports.config
  const kinds = short.map(kind => {
    const why = commonestRefusal(kind, ports)
    return why ? `${kind} (${why})` : kind
  })
  throw new AzrError(
    `Cannot begin self-play as the model gave fewer than ${seeding.minimum} valid tasks of ` +
      `${kinds.join(' and ')} in ${seeding.rounds} rounds of seeding: use a stronger model, or ` +
      'lower seeding.minimum',
  )
}

/** Kinds that a round of the seeding still proposes; none when it is over. */
function planSeeding(ports: Ports, round: number): Kind[] {
  const { config, session } = ports
  const { size, minimum } = config.seeding
  const open = kindsToSeed(config, round, session.buffers)
  if (open.length > 0) return open
  // The zero task is there without the model's doing.
  const written = (kind: Kind) => Math.max(0, session.buffers[kind].length - 1)
  const short = kindsToFill(config).filter(kind => written(kind) < Math.min(minimum, size))
  if (short.length > 0) refuseToBegin(short, ports)
  session.isSeeded = true
  return []
}

export async function planStep(ports: Ports, { step, round }: Place): Promise<Plan> {
  const { config } = ports
  if (round === 0) {
    await beginStep(ports, step)
    // What only answers suites needs no tasks.
    if (step === 0 && config.seeding.size > 0) await insertZeroTasks(ports)
  }
  const { session } = ports
  if (step === 0) {
    if (round > 0) await gradeProposals(ports)
    session.times.rollingMs += round > 0 ? performance.now() - session.times.markMs : 0
    absorb(session, step, config.buffer.capacity)
  }
  const wanted = step === 0 ? planSeeding(ports, round) : config.kinds
  const { batch } = step === 0 ? config.seeding : config.propose
  const plans = planProposals(
    config,
    { step, round, batch },
    wanted,
    session.buffers,
    session.record,
  )
  session.proposals = plans.map(plan => ({ ...plan, attempt: 0 }))
  await loadTasks(
    ports,
    plans.flatMap(({ references, program }) => (program ? [program] : references)),
  )
  session.times.markMs = performance.now()
  const orders = session.proposals.map((order): SampleOrder => ({ to: 'proposer', order }))
  return { orders }
}
