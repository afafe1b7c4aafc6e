/** A sandbox's counts, step by step. */
import { expect, test } from 'vitest'
import { createTally, metricsOf } from '../../../sandbox/tally.ts'
import { createSandboxCounts } from '../../../src/run/work/sandbox-counts.ts'

test('each call returns the counts since the previous one', () => {
  const tally = createTally()
  const counts = createSandboxCounts({ metrics: () => metricsOf(tally) })
  tally.outcomes.raised += 2
  tally.restarts += 1
  expect(counts()).toMatchObject({ 'sandbox.outcome.raised': 2, 'sandbox.restarts': 1 })
  tally.outcomes.raised += 3
  expect(counts()).toMatchObject({ 'sandbox.outcome.raised': 3, 'sandbox.restarts': 0 })
})
