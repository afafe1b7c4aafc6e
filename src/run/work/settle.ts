/**
 * Settles a kind whose proposals all have a verdict: finds duplicates within the step in id order,
 * inserts the tasks' rows, and draws the solver's batch.
 */
import type { ProposeOrder, SolveOrder } from '../../../actors/messages.ts'
import { type Buffers, bufferOf, drawTasks, planSolves } from '../../../domain/curriculum.ts'
import { hashOf } from '../../../domain/hash.ts'
import { parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import type { ProposalVerdict } from '../../../domain/reward.ts'
import type { Kind, Pair } from '../../../domain/task.ts'
import type { Store, TaskRow, Write } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import { taskLimits } from './execute.ts'
import type { Candidate } from './propose.ts'
import type { Stock } from './stock.ts'
import type { Tasks } from './tasks.ts'

/** A proposal and its verdict; `ungraded` if the sandbox itself failed. */
export type Settlement = { candidate: Candidate; verdict: ProposalVerdict; reason: string | null }

/** The results of a kind's proposals. */
export type Settled = {
  settlements: Settlement[]
  /** Hashes of the tasks that join the buffer, in id order. */
  accepted: string[]
  /** The tasks among them whose estimate's answers are trained on. */
  reused: string[]
  /** The answers to sample. */
  solves: SolveOrder[]
}

/** Settled tasks by kind. Kinds are settled in any order, and read in a fixed one. */
export type SettledKinds = ReadonlyMap<Kind, Settled>

export const inTurn = ({ names }: Kinds, settled: SettledKinds): Settled[] =>
  names.flatMap(kind => settled.get(kind) ?? [])

export const unsettled: Settled = { settlements: [], accepted: [], reused: [], solves: [] }

/** The tasks that were accepted, and those among them whose program is of the corpus. */
export function addedBy(settled: SettledKinds, instances: Buffers, corpus: readonly string[]) {
  const accepted: Buffers = { ...instances }
  const [own, grounded] = [new Set(corpus), [] as string[]]
  for (const [kind, mine] of settled) {
    accepted[kind] = mine.accepted.concat(bufferOf(instances, kind))
    for (const { verdict, candidate } of mine.settlements) {
      const { order, task } = candidate
      if (verdict !== 'accepted' || !task || order.program === null) continue
      if (own.has(order.program)) grounded.push(task.hash)
    }
  }
  return { accepted, grounded }
}

type SettlePorts = { config: Config; store: Pick<Store, 'memo' | 'cached'> }

const unread = (input: string): Pair => ({ input, output: '', canonical: '' })

function taskRow(
  { config, store }: SettlePorts,
  { candidate, verdict, reason }: Settlement,
): TaskRow {
  const { order, task, program, inputs, message } = candidate
  const text = store.cached('rollouts', order.id)?.text ?? program
  const rules = [config.task, taskLimits(config)]
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

/** The verdict on each proposal, in id order. Of duplicates only the first is accepted. */
export function judgeProposals(
  { task: { refuseDuplicates } }: Config,
  known: ReadonlySet<string>,
  candidates: readonly Candidate[],
): Settlement[] {
  const taken = new Set<string>()
  return candidates.map(candidate => {
    const { task, reason } = candidate
    if (!task) return { candidate, verdict: reason === 'ungraded' ? reason : 'refused', reason }
    const isDuplicate = known.has(task.hash) || taken.has(task.hash)
    taken.add(task.hash)
    if (isDuplicate && refuseDuplicates) {
      return { candidate, verdict: 'duplicate', reason: 'duplicate' }
    }
    return { candidate, verdict: 'accepted', reason: null }
  })
}

/**
 * Inserts the rows of judged proposals. Returns the hashes of accepted ones, which are found from
 * now on.
 */
export async function insertSettled(
  ports: SettlePorts,
  tasks: Tasks,
  settlements: readonly Settlement[],
): Promise<string[]> {
  await Promise.all(
    settlements.map(settlement => {
      const row = taskRow(ports, settlement)
      return ports.store.memo('tasks', row.id, row.input_hash, async () => {
        return { row, also: ancestry(settlement.candidate.order) }
      })
    }),
  )
  return settlements.flatMap(({ verdict, candidate: { task } }) => {
    if (verdict !== 'accepted' || !task) return []
    tasks.add(task.hash, task)
    return [task.hash]
  })
}

type Settling = { step: number; kind: Kind; candidates: Candidate[]; stock: Stock; tasks: Tasks }

export async function settleKind(
  ports: SettlePorts & { kinds: Kinds },
  { step, kind, candidates, stock, tasks }: Settling,
): Promise<Settled> {
  const { config, kinds } = ports
  const settlements = judgeProposals(config, stock.known, candidates)
  const accepted = await insertSettled(ports, tasks, settlements)
  if (step === 0 || !kinds.played.includes(kind)) return { ...unsettled, settlements, accepted }
  const isCurrent = config.solve.on === 'current'
  const fresh = isCurrent ? accepted : bufferOf(stock.previous, kind)
  const buffer = bufferOf(stock.buffers, kind)
  const drawn = drawTasks(config, step, kind, fresh, buffer, stock.record)
  const isReused = config.estimate.reuse && isCurrent
  const reused = isReused ? drawn.filter(hash => fresh.includes(hash)) : []
  await tasks.load(drawn)
  const plans = planSolves(config, step, kind, drawn, new Set(reused))
  const solves = plans.map((plan): SolveOrder => ({ ...plan, attempt: 0 }))
  return { settlements, accepted, reused, solves }
}
