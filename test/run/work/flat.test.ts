/** The way back of a kind whose proposals all fail: from the rows of earlier steps to its advantages. */
import { expect, test } from 'vitest'
import { rolloutRow } from '../../../bench/store/rows.ts'
import { formatKey } from '../../../domain/key.ts'
import { configSchema } from '../../../src/config/config.ts'
import { batchOf } from '../../../src/run/work/grade.ts'
import { createTasks } from '../../../src/run/work/tasks.ts'
import { openRun } from '../../../state/open.ts'
import type { Write } from '../../../state/types.ts'
import { temporary } from '../../temporary.ts'

/** A step's proposals of a kind, by what they earned. */
function proposed(step: number, kind: string, rewards: readonly number[]): Write[] {
  return rewards.flatMap((reward, index): Write[] => {
    const id = formatKey({ step, purpose: 'propose', kind, index, sample: 0 })
    const mine = { id, step, kind, role: 'proposer' as const }
    const judged = { parsed: null, reason: null, success_rate: null, learnability: null }
    const verdict = reward === -1 ? 'refused' : 'accepted'
    const rollout = { ...rolloutRow(index), ...mine, purpose: 'propose' as const, task_hash: null }
    return [
      { table: 'rollouts', row: rollout },
      { table: 'grades', row: { ...mine, ...judged, verdict, reward, input_hash: '' } },
    ]
  })
}

/** Induction once earned 0.5, then -1 alone; deduction goes on as it was. */
async function lastBatch(flatSteps: number) {
  const row = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(temporary('flat'), 'one', row)
  const earlier = [
    ...proposed(1, 'induction', [0.5, 0.5, 0.5, -1]),
    ...proposed(2, 'induction', [-1, -1, -1, -1]),
    ...proposed(3, 'induction', [-1, -1, -1, -1]),
    ...proposed(3, 'deduction', [0.5, -1]),
  ]
  await store.write(earlier)
  await store.beginStep(3)
  const config = configSchema.parse({ advantage: { flatSteps, weighting: 'sequence' } })
  const batch = await batchOf(
    { config, store },
    { step: 3, reused: [], tasks: createTasks({ read: { tasksByHash: async () => [] } }) },
  )
  await release()
  return (kind: string) =>
    batch.filter(({ id }) => id.includes(kind)).map(({ advantage }) => advantage)
}

test('a kind that fails alike is held against what it earned in so many steps', async () => {
  const of = await lastBatch(16)
  // 3 of 0.5 and 9 of -1: mean -0.625, deviation 0.6495.
  for (const advantage of of('induction')) expect(advantage).toBeCloseTo(-0.57735, 5)
  expect(of('induction')).toHaveLength(4)
})

test('the same gradient as ever where rewards differ, or where nothing was better', async () => {
  const [with_, without] = [await lastBatch(16), await lastBatch(0)]
  expect(with_('deduction')).toEqual(without('deduction'))
  expect(without('induction')).toEqual([0, 0, 0, 0])
  expect((await lastBatch(1))('induction')).toEqual([0, 0, 0, 0])
})
