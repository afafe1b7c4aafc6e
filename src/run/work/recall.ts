/**
 * Recovers a kind whose proposals all fail alike. Equal rewards teach nothing, so the policy would
 * not change. Earlier proposals that became tasks are trained on again with them:
 * docs/decisions/0014. Their advantages are computed as usual.
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

/** Kinds whose proposals gave no task and all had the same reward, with that reward. */
function failedAlike(store: Pick<Store, 'rowsOf'>, items: readonly Rewarded[]): [Kind, number][] {
  const proposals = items.filter(({ role }) => role === 'proposer')
  const accepted = new Set(
    store.rowsOf('grades').flatMap(({ id, verdict }) => (verdict === 'refused' ? [] : [id])),
  )
  return [...Map.groupBy(proposals, ({ kind }) => kind)].flatMap(([kind, mine]) => {
    const reward = mine[0]?.reward as number
    const isAlike = mine.every(one => one.reward === reward && !accepted.has(one.id))
    return isAlike ? [[kind, reward]] : []
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
  for (const [kind, reward] of propose.recall > 0 ? failedAlike(store, items) : []) {
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
