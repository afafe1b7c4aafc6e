/**
 * A way back for a kind whose proposals all fail alike. Their rewards are equal, so they teach
 * nothing and the policy stays where it is. Earlier proposals that became tasks are trained on
 * again beside them: docs/decisions/0014. Not here: their advantages, which are made as ever.
 */
import type { Rewarded } from '../../../domain/advantage/rewarded.ts'
import { parseKey } from '../../../domain/key.ts'
import { stream } from '../../../domain/rng.ts'
import type { Kind } from '../../../domain/task.ts'
import { tokenCount } from '../../../state/packing.ts'
import type { Reading, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'

export type RecallPorts = { config: Config; store: Pick<Store, 'rowsOf'> & Reading<'recallable'> }

/** The newest tasks of a kind that are drawn from: older ones are further from the policy. */
const newest = 64

/**
 * Kinds of whose proposals none is a task, and none was worse than another, with what they earned.
 */
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

/** What joins the proposals of a step, in the order of their kinds. */
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

/** Whether a sequence of an update was sampled in another step, by a policy that is gone. */
export const isRecalled = (rolloutId: string, step: number) => parseKey(rolloutId).step !== step
