/**
 * Recovers a kind that hardly has a valid proposal left. If all fail alike, their rewards teach
 * nothing; if nearly all do, recovery takes many steps. So earlier proposals that became tasks are
 * trained on again with them: docs/decisions/0014. Their advantages are computed as usual.
 */
import type { Rewarded } from '../../../domain/advantage/rewarded.ts'
import { parseKey } from '../../../domain/key.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind } from '../../../domain/task.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { Reading, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'

export type RecallPorts = { config: Config; store: Pick<Store, 'rowsOf'> & Reading<'recallable'> }

/** The newest tasks of a kind to draw from: older ones are further from the policy. */
const newest = 64

/** A kind is failing if at most this share of a step's proposals became tasks. */
const failing = 0.25

/** The kinds that are failing, each with the lowest reward of its proposals. */
function failingKinds(store: Pick<Store, 'rowsOf'>, items: readonly Rewarded[]): [Kind, number][] {
  const proposals = items.filter(({ role }) => role === 'proposer')
  const accepted = new Set(
    store.rowsOf('grades').flatMap(({ id, verdict }) => (verdict === 'refused' ? [] : [id])),
  )
  return [...Map.groupBy(proposals, ({ kind }) => kind)].flatMap(([kind, mine]) => {
    const count = mine.filter(({ id }) => accepted.has(id)).length
    const lowest = Math.min(...mine.map(({ reward }) => reward))
    return count <= failing * mine.length ? [[kind, lowest]] : []
  })
}

/** The proposals that join those of the step, in the order of their kinds. */
export async function recalled(
  { config, store }: RecallPorts,
  items: readonly Rewarded[],
  step: number,
): Promise<Rewarded[]> {
  const { seed, propose } = config
  const found: Rewarded[] = []
  for (const [kind, reward] of propose.recall > 0 ? failingKinds(store, items) : []) {
    const rows = await store.read.recallable(kind, step, reward, newest)
    const drawn = stream(seed, 'recall', kind, step).shuffle(rows).slice(0, propose.recall)
    for (const { ids, ...row } of drawn) {
      found.push({ ...row, kind, role: 'proposer', task: null, tokens: tokenCount(ids) })
    }
  }
  return found
}

/** Whether a sequence of an update was sampled in an earlier step, by an older policy. */
export const isRecalled = (rolloutId: string, step: number) => parseKey(rolloutId).step !== step
