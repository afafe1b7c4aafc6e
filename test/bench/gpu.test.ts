/** The table of `bench:gpu`, from the rows of a proof. */
import { expect, test } from 'vitest'
import { besideOf, gpuTable } from '../../bench/gpu/table.ts'

const row = (name: string, figures: Record<string, number>) => {
  return { name, verdict: 'PASS', detail: '', seconds: 1, remedy: null, figures }
}

test('compares what a proof measured with its plan, and leaves out what it did not measure', () => {
  const report = {
    preset: 'p',
    processor: 'EPYC',
    load: 1,
    plan: { hardware: { name: '24 GB (4090)' }, memory: { disk: { policies: 3e9 } } },
    rows: [
      row('sampling', { 'tokens a second': 900, planned: 1000 }),
      row('memory of an update', { 'at most, GB': 12, 'planned, GB': 10 }),
      row('changed weights', { 'seconds of the load': 2 }),
    ],
  }
  const figures = besideOf(report as never)
  const lines = gpuTable({ ...report, figures } as never)
  expect(lines.slice(4)).toEqual([
    '| sampling, tokens a second | 1000 | 900 | 0.90 |',
    "| the learner's memory, GB | 10.0 | 12.0 | 1.20 |",
    '| loading, s | 1.00 | 2.00 | 2.00 |',
  ])
})
