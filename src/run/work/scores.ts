/** Adds up the verdicts on held-out suites, once per policy. */
import type { ItemOrder } from '../../../actors/messages.ts'
import { figuresOf, type ItemAnswers } from '../../../domain/score.ts'
import type { Reading, Store, Write } from '../../../state/types.ts'
import { groupIds } from './sample.ts'

/** The stored verdicts on all answers to some items of a group. */
async function verdictsOn(
  { read }: Reading<'verdicts'>,
  orders: readonly ItemOrder[],
): Promise<ItemAnswers[]> {
  const [first] = orders as [ItemOrder]
  const rows = await read.verdicts(first.id.split('.').slice(0, 3).join('.').concat('.'))
  const known = new Map(rows.map(row => [row.id, row]))
  return orders.map(({ id, samples }) => {
    const mine = groupIds(id, samples).map(answer => {
      const row = known.get(answer)
      if (!row) throw new Error(`Cannot add up item ${answer} as it was not graded`)
      return row
    })
    const scratched = mine.filter(({ scratch }) => scratch === 1).length
    const cut = mine.filter(row => row.cut === 1).length
    return { verdicts: mine.map(({ verdict }) => verdict), scratched, cut }
  })
}

/** Makes one row for each suite, kind and mode of a policy, from the verdicts on its items. */
export async function scoreSuites(
  store: Pick<Store, 'write'> & Reading<'evaluations' | 'verdicts'>,
  { step: made_in, version: step }: { step: number; version: number },
  orders: readonly ItemOrder[],
): Promise<void> {
  const stored = await store.read.evaluations()
  if (stored.some(row => row.step === step && row.made_in === made_in)) return
  const groups = Map.groupBy(orders, ({ suite, kind, mode }) => `${suite}:${kind}:${mode}`)
  const writes: Write[] = []
  for (const members of groups.values()) {
    const { suite, kind, mode, samples } = members[0] as ItemOrder
    const figures = figuresOf(await verdictsOn(store, members))
    const about = { suite, step, made_in, kind, mode, samples }
    writes.push({ table: 'evaluations', row: { ...about, ...figures } })
  }
  await store.write(writes)
}
