/** A run that begins with seeds from a file, continued in the same process or in another. */
import { expect, test } from 'vitest'
import { kindsOf } from '../../../domain/kinds/index.ts'
import { microDialect } from '../../../domain/prompts/index.ts'
import { configSchema } from '../../../src/config/config.ts'
import type { SamplingRequest } from '../../../src/engine/types.ts'
import { createFlow, type FlowPorts } from '../../../src/run/flow.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { goOn } from '../../../src/run/work/watch.ts'
import { openRun } from '../../../state/open.ts'
import type { Store } from '../../../state/types.ts'
import { temporary } from '../../temporary.ts'
import { execution, literal } from './sandbox-of-five.ts'

const { signal } = new AbortController()
const config = configSchema.parse({
  dialect: 'micro',
  kinds: ['deduction', 'abduction'],
  seeding: { size: 9, rounds: 1, batch: 4 },
  propose: { batch: 4, references: 2 },
})
const kinds = kindsOf(config.kinds)
const programOf = (number: number) => `def f(a):\n return a + ${number}`
const seeds = [10, 11, 12].map(number => {
  return { kind: 'deduction', program: programOf(number), inputs: ['4'], message: '' }
})

const none = { imports: [], uses: [], functions: ['f'], classes: [], unread: [] }
const sandbox = {
  inspect: async (normalized: string) => ({ ok: true as const, facts: { ...none, normalized } }),
  execute: async ({ inputs }: { inputs: string[] }) => inputs.map(() => execution),
  readLiteral: literal,
  readArguments: literal,
}

/** Each proposal is another program. */
const completeMany = async ({ seed }: SamplingRequest, count: number) =>
  Array.from({ length: count }, () => ({
    text: `${programOf(seed)}<I>4`,
    promptIds: new Int32Array([1]),
    ids: new Int32Array([2]),
    logprobs: new Float32Array([0]),
    finishReason: 'stop' as const,
  }))

function flowOver(store: Store) {
  const ports: FlowPorts = {
    config,
    store,
    sandbox,
    plugins: { reward: null },
    kinds,
    dialect: microDialect,
    room: { isEnough: async () => true, isSurelyEnough: () => true } as never,
    verdicts: createVerdicts(sandbox),
    engine: () => ({ sampler: { completeMany } }),
    seeds: async () => seeds,
    sandboxCounts: () => ({}),
    engineCounts: async () => ({}),
    evaluationsDue: async () => [],
    onGraded: async () => {},
    onStep: () => {},
    watch: async () => goOn,
  }
  return createFlow(ports)
}

/** Plays the seeding, and closes it. */
async function seed(flow: ReturnType<typeof flowOver>): Promise<void> {
  const place = { step: 0, version: 0 }
  const { orders } = await flow.plan({ ...place, round: 0 })
  for (const { order } of orders) {
    if (!('references' in order)) continue
    await flow.propose(order, 0, signal)
    await flow.check(order, signal)
  }
  for (const kind of kinds.names) await flow.settle({ ...place, round: 0, kind })
  await flow.plan({ ...place, round: 1 })
  await flow.close({ ...place, round: 1 })
}

test('the first step draws the same, whether the seeding was in this process or another', async () => {
  const row = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(temporary('seeded'), 'one', row)
  const flow = flowOver(store)
  await seed(flow)
  const first = { step: 1, round: 0, version: 0 }
  const undisturbed = await flow.plan(first)
  const resumed = await flowOver(store).plan(first)
  expect(undisturbed.orders).not.toEqual([])
  expect(resumed).toEqual(undisturbed)
  await release()
})
