/** Which checkpoint is the best one, from the rows of a run. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bestCheckpoint } from '../../src/cli/best.ts'
import { openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'

async function runWith(best: string | undefined) {
  const home = temporary('best')
  const evaluate = { suites: ['hard'], between: { suites: ['dev'] } }
  const config = { evaluate, ...(best === undefined ? {} : { checkpoint: { best } }) }
  const row = { name: 'one', preset: 'micro', seed: 1, config, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(home, 'one', row)
  const rest = { items: 10, correct: 0, mode: 'greedy' as const, samples: 1, passed: 0 }
  const score = (step: number, kind: 'deduction' | 'abduction', accuracy: number) =>
    ({
      table: 'evaluations',
      row: {
        suite: 'dev',
        step,
        made_in: step,
        kind,
        accuracy,
        scratched: 0,
        cut: 0,
        deviation: 0,
        ...rest,
      },
    }) as const
  const checkpoint = (step: number) => {
    const path = join('checkpoints', `${step}`)
    if (step !== 3) mkdirSync(join(home, 'one', path), { recursive: true })
    return { table: 'checkpoints', row: { step, path, weights_hash: `${step}` } } as const
  }
  const loss = (step: number, value: number) =>
    ({ table: 'metrics', row: { step, made_in: step, name: 'loss', value } }) as const
  await store.write([
    ...[1, 2, 3, 4].map(checkpoint),
    score(1, 'deduction', 0.9),
    score(1, 'abduction', 0.1),
    score(2, 'deduction', 0.6),
    score(2, 'abduction', 0.6),
    // It was pruned, so it cannot be chosen.
    ...[score(3, 'deduction', 1), score(3, 'abduction', 1)],
    loss(1, 0.5),
    loss(2, 0.5),
    loss(4, 0.7),
  ])
  await release()
  return bestCheckpoint(home, 'one')
}

test('the mean over the suites of the curve, unless another figure is named', async () => {
  expect(await runWith(undefined)).toEqual({ step: 2, value: 0.6, measure: 'suites' })
  expect(await runWith('dev:deduction')).toMatchObject({ step: 1, value: 0.9 })
  expect(await runWith('loss')).toMatchObject({ step: 4, value: 0.7 })
})

test('the newest wins a tie, and a figure without values has no best', async () => {
  expect(await runWith('-loss')).toMatchObject({ step: 2, value: 0.5 })
  expect(await runWith('no.such.curve')).toBeNull()
})
