/** All is graded: proposals get their reward, and everything that is trained on its advantage. */
import type { Place } from '../../../actors/run-context.ts'
import { type Advantage, advantages } from '../../../domain/advantage/index.ts'
import type { Rewarded } from '../../../domain/advantage/rewarded.ts'
import { hashOf, wordingHash } from '../../../domain/hash.ts'
import { type Measures, rewardedMeasures } from '../../../domain/intrinsic.ts'
import { parseKey } from '../../../domain/key.ts'
import {
  learnability,
  proposerReward,
  type SolverVerdict,
  successRate,
} from '../../../domain/reward.ts'
import { stream } from '../../../domain/rng.ts'
import { kinds } from '../../../domain/task.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { GradeRow } from '../../../state/types.ts'
import { addInstances } from './instances.ts'
import { measureProposals } from './intrinsic.ts'
import { type Ports, taskOf } from './ports.ts'
import { rewardOf, rewardRules } from './reward.ts'
import { judgeProposals, type Settlement } from './settle.ts'

/** Share of an estimate's answers that were right, by the task's wording. */
function estimatesOf(ports: Ports): Map<string, number | null> {
  const verdicts = new Map<string, SolverVerdict[]>()
  for (const { id, verdict } of ports.store.rowsOf('grades')) {
    const [, purpose, , wording] = id.split('.')
    if (purpose !== 'estimate' || wording === undefined) continue
    const mine = verdicts.get(wording)
    if (mine) mine.push(verdict as SolverVerdict)
    else verdicts.set(wording, [verdict as SolverVerdict])
  }
  return new Map([...verdicts].map(([wording, list]) => [wording, successRate(list)]))
}

function gradeRow(
  ports: Ports,
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
    step: ports.session.step,
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

/** Inserts the grades of the proposals of this step, or of one round of the seeding. */
export async function gradeProposals(ports: Ports): Promise<void> {
  const { config, session, store } = ports
  const isMeasured = rewardedMeasures(config.reward).length > 0
  const estimates = estimatesOf(ports)
  const settlements = kinds.flatMap(kind =>
    judgeProposals(
      ports,
      session.proposals.filter(order => order.kind === kind),
    ),
  )
  const measures = await measureProposals(ports, settlements)
  await Promise.all(
    settlements.map(settlement => {
      const { task, order } = settlement.candidate
      const success = task ? (estimates.get(wordingHash(task)) ?? null) : null
      const found = (isMeasured && measures.get(order.id)) || {}
      const row = gradeRow(ports, settlement, success, found)
      return store.memo('grades', row.id, row.input_hash, async () => ({ row }))
    }),
  )
}

/** Everything of the step that has a reward and is trained on, in id order. */
function rewarded(ports: Ports): Rewarded[] {
  const { config, session, store } = ports
  const reused = new Set([...session.reused].map(hash => wordingHash(taskOf(ports, hash))))
  return store.rowsOf('grades').flatMap((grade): Rewarded[] => {
    const { id, kind, role, reward } = grade
    const rollout = store.cached('rollouts', id)
    if (reward === null || !rollout) return []
    const task = role === 'solver' ? rollout.task_hash : null
    if (role === 'proposer' && !config.propose.train) return []
    if (rollout.purpose === 'estimate' && !reused.has(String(parseKey(id).index))) return []
    const isTruncated = rollout.finish_reason === 'length'
    return [{ id, kind, role, task, reward, tokens: tokenCount(rollout.ids), isTruncated }]
  })
}

/** What the learner gets of a step: advantages, loss weights and minibatches, in id order. */
export function batchOf(ports: Ports, step: number): Advantage[] {
  const { config } = ports
  const rng = stream(config.seed, 'minibatch', step)
  return advantages(rewarded(ports), config.advantage, config.trainer.minibatches, rng)
}

export async function scoreStep(ports: Ports, { step }: Place): Promise<void> {
  const { session } = ports
  const { times } = session
  times.rollingMs += performance.now() - times.markMs
  await gradeProposals(ports)
  await addInstances(ports)
  session.batch = batchOf(ports, step)
  times.markMs = performance.now()
}
