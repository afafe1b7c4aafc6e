/**
 * Grades a step: proposals get their reward, and everything that is trained on gets its advantage.
 */
import { type Advantage, advantages } from '../../../domain/advantage/index.ts'
import type { Rewarded } from '../../../domain/advantage/rewarded.ts'
import type { Buffers } from '../../../domain/curriculum.ts'
import { hashOf, wordingHash } from '../../../domain/hash.ts'
import { type Measures, rewardedMeasures } from '../../../domain/intrinsic.ts'
import { parseKey } from '../../../domain/key.ts'
import type { Kinds } from '../../../domain/kinds/index.ts'
import {
  learnability,
  proposerReward,
  type SolverVerdict,
  successRate,
} from '../../../domain/reward.ts'
import { stream } from '../../../domain/rng.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { GradeRow, Store } from '../../../state/types.ts'
import { type CreditPorts, credited } from './credit.ts'
import { addInstances, type InstancePorts } from './instances.ts'
import { measureProposals } from './intrinsic.ts'
import type { Planned } from './plan.ts'
import { type RecallPorts, recalled } from './recall.ts'
import { type RewardPorts, rewardOf, rewardRules } from './reward.ts'
import { inTurn, type SettledKinds, type Settlement } from './settle.ts'
import type { Tasks } from './tasks.ts'

/** The results of a grading. */
export type Graded = {
  batch: Advantage[]
  /** Figures for the curves that are in no row. */
  figures: Record<string, number>
  /** Tasks that join the buffers in addition to the proposed ones. */
  instances: Buffers
}

/** Share of an estimate's answers that were right, by the task's wording. */
function estimatesOf(store: Pick<Store, 'rowsOf'>): Map<string, number | null> {
  const all = store.rowsOf('grades').filter(({ id }) => id.split('.')[1] === 'estimate')
  const byWording = Map.groupBy(all, ({ id }) => id.split('.')[3] ?? '')
  const rateOf = (rows: GradeRow[]) => successRate(rows.map(row => row.verdict as SolverVerdict))
  return new Map([...byWording].map(([wording, rows]) => [wording, rateOf(rows)]))
}

type GradingPorts = RewardPorts & { store: Pick<Store, 'cached' | 'memo' | 'rowsOf'> }

function gradeRow(
  ports: GradingPorts,
  settlement: Settlement,
  success: number | null,
  measures: Measures,
): GradeRow {
  const { candidate, verdict, reason } = settlement
  const { order, task } = candidate
  const { config, store } = ports
  const rollout = store.cached('rollouts', order.id)
  if (!rollout) throw new Error(`Cannot grade proposal ${order.id} as it was not drafted`)
  const rate = verdict === 'accepted' ? success : null
  const learnable = rate === null ? null : learnability(rate)
  const earned = proposerReward(verdict, rate, config.reward, measures)
  const about = {
    role: 'proposer',
    verdict,
    reason,
    successRate: rate,
    learnability: learnable,
    task,
  } as const
  return {
    id: order.id,
    step: parseKey(order.id).step,
    role: 'proposer',
    kind: order.kind,
    parsed: task?.hash ?? null,
    verdict,
    reason,
    success_rate: rate,
    learnability: learnable,
    reward: rewardOf(ports, rollout, earned, about),
    input_hash: hashOf([verdict, reason, task?.hash ?? null, rate, rewardRules(ports), measures]),
  }
}

/**
 * Inserts the grades of the proposals of a step, or of a round of the seeding. Returns its figures.
 */
export async function gradeProposals(
  ports: GradingPorts & { kinds: Kinds },
  planned: Pick<Planned, 'step' | 'stock' | 'tasks'>,
  settlements: readonly Settlement[],
): Promise<Record<string, number>> {
  const { config, store } = ports
  const isMeasured = rewardedMeasures(config.reward).length > 0
  const estimates = estimatesOf(store)
  const { measures, figures } = await measureProposals(ports, planned, settlements)
  await Promise.all(
    settlements.map(settlement => {
      const { task, order } = settlement.candidate
      const success = task ? (estimates.get(wordingHash(task)) ?? null) : null
      const found = (isMeasured && measures.get(order.id)) || {}
      const row = gradeRow(ports, settlement, success, found)
      return store.memo('grades', row.id, row.input_hash, async () => ({ row }))
    }),
  )
  return figures
}

type Batching = { step: number; reused: readonly string[]; tasks: Pick<Tasks, 'of'> }
type BatchPorts = RecallPorts & CreditPorts & { store: Pick<Store, 'cached'> }

/** Everything in the step that has a reward and is trained on, in id order. */
function rewarded({ config, store }: BatchPorts, { reused, tasks }: Batching): Rewarded[] {
  const wordings = new Set(reused.map(hash => wordingHash(tasks.of(hash))))
  return store.rowsOf('grades').flatMap((grade): Rewarded[] => {
    const { id, kind, role, reward } = grade
    const rollout = store.cached('rollouts', id)
    if (reward === null || !rollout) return []
    const task = role === 'solver' ? rollout.task_hash : null
    if (role === 'proposer' && !config.propose.train) return []
    if (rollout.purpose === 'estimate' && !wordings.has(String(parseKey(id).index))) return []
    const isTruncated = rollout.finish_reason === 'length'
    return [{ id, kind, role, task, reward, tokens: tokenCount(rollout.ids), isTruncated }]
  })
}

/** The learner's batch for a step: advantages, loss weights and minibatches, in id order. */
export async function batchOf(ports: BatchPorts, step: Batching): Promise<Advantage[]> {
  const { seed, advantage, trainer } = ports.config
  const rng = stream(seed, 'minibatch', step.step)
  const items = rewarded(ports, step)
  const worked = await credited(ports, items, step.tasks)
  const joined = worked.concat(await recalled(ports, items, step.step))
  return advantages(joined, advantage, trainer.minibatches, rng)
}

export async function gradeStep(
  ports: InstancePorts & GradingPorts & RecallPorts & CreditPorts,
  planned: Planned,
  settled: SettledKinds,
): Promise<Graded> {
  const { step, tasks } = planned
  const all = inTurn(ports.kinds, settled)
  const settlements = all.flatMap(one => one.settlements)
  const figures = await gradeProposals(ports, planned, settlements)
  const instances = await addInstances(ports, planned, settled)
  const reused = all.flatMap(one => one.reused)
  const batch = await batchOf(ports, { step, reused, tasks })
  return { batch, figures, instances }
}
