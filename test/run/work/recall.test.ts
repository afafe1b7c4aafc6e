/**
 * The recovery of a kind whose proposals fail: earlier accepted proposals are trained on again.
 */
import { expect, test } from 'vitest'
import { rolloutRow } from '../../../bench/store/rows.ts'
import { formatKey } from '../../../domain/key.ts'
import { microDialect } from '../../../domain/prompts/index.ts'
import { configSchema } from '../../../src/config/config.ts'
import { batchOf } from '../../../src/run/work/grade.ts'
import { createTasks } from '../../../src/run/work/tasks.ts'
import { unknownLogprobs } from '../../../src/run/work/training-batch.ts'
import { openRun } from '../../../state/open.ts'
import type { Write } from '../../../state/types.ts'
import { temporary } from '../../temporary.ts'

/** A step's proposals of a kind, given by their rewards. */
function proposed(step: number, kind: string, rewards: readonly number[]): Write[] {
  return rewards.flatMap((reward, index): Write[] => {
    const id = formatKey({ step, purpose: 'propose', kind, index, sample: 0 })
    const mine = { id, step, kind, role: 'proposer' as const }
    const judged = { parsed: null, reason: null, success_rate: null, learnability: null }
    const verdict = reward < 0 ? 'refused' : 'accepted'
    const rollout = { ...rolloutRow(index), ...mine, purpose: 'propose' as const, task_hash: null }
    return [
      { table: 'rollouts', row: rollout },
      { table: 'grades', row: { ...mine, ...judged, verdict, reward, input_hash: '' } },
    ]
  })
}

/**
 * The proposals in the batch of step 3, by kind: the step of each, and the sign of its advantage.
 */
async function lastBatch(recall: number, induction = [-1, -1, -1]) {
  const row = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(temporary('recall'), 'one', row)
  await store.write([
    ...proposed(1, 'induction', [0.5, 0.25, -1, 0.5]),
    ...proposed(2, 'induction', [-1, -1]),
    ...proposed(3, 'induction', induction),
    ...proposed(1, 'deduction', [0.5, 0.5]),
    ...proposed(3, 'deduction', [0.5, -1]),
    ...proposed(3, 'abduction', [-1, -1]),
  ])
  await store.beginStep(3)
  const config = configSchema.parse({ propose: { recall } })
  const tasks = createTasks({ read: { tasksByHash: async () => [], corpusByHash: async () => [] } })
  const ports = { config, store, dialect: microDialect, sandbox: { execute: async () => [] } }
  const batch = await batchOf(ports, { step: 3, reused: [], tasks })
  await release()
  return (kind: string) =>
    batch
      .filter(({ id }) => id.includes(kind))
      .map(
        ({ id, advantage }) =>
          `${Number(id.slice(0, 6))}${advantage > 0 ? '+' : advantage < 0 ? '-' : '0'}`,
      )
      .sort()
}

test('if all proposals of a kind fail alike, earlier ones join them and are pushed up', async () => {
  const of = await lastBatch(2)
  expect(of('induction')).toEqual(['1+', '1+', '3-', '3-', '3-'])
  expect((await lastBatch(9))('induction')).toEqual(['1+', '1+', '1+', '3-', '3-', '3-'])
})

test('so they do if at most a quarter is valid', async () => {
  const quarter = (await lastBatch(2, [0.25, -1, -0.5, -1]))('induction')
  expect(quarter).toEqual(['1+', '1+', '3+', '3-', '3-', '3-'])
  const third = (await lastBatch(2, [0.25, -1, -1]))('induction')
  expect(third).toEqual(['3+', '3-', '3-'])
})

test('a kind with enough valid tasks, or that never had one, is trained as usual', async () => {
  const of = await lastBatch(2)
  expect(of('deduction')).toEqual(['3+', '3-'])
  expect(of('abduction')).toEqual(['30', '30'])
  expect((await lastBatch(0))('induction')).toEqual(['30', '30', '30'])
})

test('texts of an earlier policy have unknown log-probabilities', () => {
  const found = new Float32Array(unknownLogprobs(new Uint8Array(12)).buffer)
  expect([...found]).toEqual([Number.NaN, Number.NaN, Number.NaN])
})
