/**
 * All proposals of a kind have their verdict: duplicates within the step are decided in id order,
 * the tasks' rows are inserted, and the solver's batch is drawn.
 */
import type { ProposeOrder, SampleOrder } from '../../../actors/messages.ts'
import type { Place, Settled } from '../../../actors/run-context.ts'
import { drawTasks, planSolves } from '../../../domain/curriculum.ts'
import { hashOf } from '../../../domain/hash.ts'
import { parseKey } from '../../../domain/key.ts'
import type { ProposalVerdict } from '../../../domain/reward.ts'
import type { Kind, Pair } from '../../../domain/task.ts'
import type { TaskRow, Write } from '../../../state/types.ts'
import { loadTasks } from './plan.ts'
import { type Candidate, limitsOf, type Ports } from './ports.ts'

/** What was proposed, and how that was judged; `ungraded` where the sandbox itself failed. */
export type Settlement = { candidate: Candidate; verdict: ProposalVerdict; reason: string | null }

const unread = (input: string): Pair => ({ input, output: '', canonical: '' })

function taskRow(ports: Ports, { candidate, verdict, reason }: Settlement): TaskRow {
  const { order, task, program, inputs, message } = candidate
  const { config, store } = ports
  const text = store.cached('rollouts', order.id)?.text ?? program
  const rules = [config.task, limitsOf(config, 0.5)]
  return {
    id: order.id,
    step: parseKey(order.id).step,
    purpose: parseKey(order.id).purpose,
    kind: order.kind,
    verdict: verdict === 'ungraded' ? 'refused' : verdict,
    reason,
    program,
    normalized: task?.normalized ?? null,
    pairs: task?.pairs ?? inputs.map(unread),
    message,
    hash: task?.hash ?? null,
    input_hash: hashOf([text, order.references, order.program, rules]),
  }
}

function ancestry({ id, references, program }: ProposeOrder): Write[] {
  const parents = program === null ? references : [program]
  return parents.map((reference_hash, position) => {
    return { table: 'task_references', row: { task_id: id, position, reference_hash } }
  })
}

/** The verdict on each proposal, in id order: of equal ones only the first is accepted. */
export function judgeProposals(ports: Ports, orders: ProposeOrder[]): Settlement[] {
  const { session, config } = ports
  const taken = new Set<string>()
  return orders.map(({ id }) => {
    const candidate = session.candidates.get(id)
    if (!candidate) throw new Error(`Cannot settle proposal ${id} as it was not checked`)
    const { task, reason } = candidate
    if (!task) return { candidate, verdict: reason === 'ungraded' ? reason : 'refused', reason }
    const isDuplicate = session.known.has(task.hash) || taken.has(task.hash)
    taken.add(task.hash)
    if (isDuplicate && config.task.refuseDuplicates) {
      return { candidate, verdict: 'duplicate', reason: 'duplicate' }
    }
    return { candidate, verdict: 'accepted', reason: null }
  })
}

/** Inserts the rows of what was judged; what was accepted joins the step's tasks. */
export async function insertSettled(
  ports: Ports,
  kind: Kind,
  settlements: readonly Settlement[],
): Promise<void> {
  const { store, session } = ports
  await Promise.all(
    settlements.map(settlement => {
      const row = taskRow(ports, settlement)
      return store.memo('tasks', row.id, row.input_hash, async () => {
        return { row, also: ancestry(settlement.candidate.order) }
      })
    }),
  )
  const tasks = settlements.flatMap(({ verdict, candidate: { task } }) =>
    verdict === 'accepted' && task ? [task] : [],
  )
  for (const task of tasks) {
    if (!session.tasks.has(task.hash)) session.tasks.set(task.hash, task)
  }
  session.accepted[kind] = session.accepted[kind].concat(tasks.map(({ hash }) => hash))
}

/** Judges proposals of a kind and inserts their rows. */
export async function insertTasks(ports: Ports, kind: Kind, orders: ProposeOrder[]): Promise<void> {
  await insertSettled(ports, kind, judgeProposals(ports, orders))
}

export async function settleKind(ports: Ports, place: Place & { kind: Kind }): Promise<Settled> {
  const { step, kind } = place
  const { config, session } = ports
  const orders = session.proposals.filter(order => order.kind === kind)
  await insertTasks(ports, kind, orders)
  if (step === 0 || !config.kinds.includes(kind)) return { kind, orders: [] }
  const isCurrent = config.solve.on === 'current'
  const fresh = isCurrent ? session.accepted[kind] : session.previous[kind]
  const drawn = drawTasks(config, step, kind, fresh, session.buffers[kind], session.record)
  if (config.estimate.reuse && isCurrent) {
    for (const hash of drawn) if (fresh.includes(hash)) session.reused.add(hash)
  }
  await loadTasks(ports, drawn)
  const solves = planSolves(config, step, kind, drawn, session.reused)
  session.solves.push(...solves.map(plan => ({ ...plan, attempt: 0 })))
  return {
    kind,
    orders: solves.map((plan): SampleOrder => ({ to: 'solver', order: { ...plan, attempt: 0 } })),
  }
}
