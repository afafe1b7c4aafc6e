/**
 * Scores a suite of many items, each answered with thousands of tokens, in a separate process that
 * reports its peak memory. Actors, work and store are real, engine and sandbox are scripted.
 *
 * node test/whole/many-items.ts HOME ITEMS TOKENS
 */
import type { FromTrainer, ToTrainer } from '../../actors/messages.ts'
import {
  completionOf,
  encode,
  isSettled,
  literal,
  never,
  play,
  portsOf,
  settled,
} from '../../bench/own/scripted.ts'
import { builtInKinds } from '../../domain/kinds/index.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { findSuite, suiteOf } from '../../src/benchmarks/suites.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { SamplingRequest } from '../../src/engine/types.ts'
import { createFlow } from '../../src/run/flow.ts'
import { evaluationsDue } from '../../src/run/work/due.ts'
import { createVerdicts } from '../../src/run/work/verdicts.ts'
import { openRun } from '../../state/open.ts'

const [home, count, tokens] = [process.argv[2] as string, ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
]
const config = loadConfig('micro', [
  { path: 'steps', value: '0' },
  { path: 'seeding.size', value: '0' },
  { path: 'engine.concurrency', value: '128' },
  { path: 'evaluate.suites', value: '[tiny]' },
  { path: 'evaluate.modes', value: '[greedy]' },
  { path: 'evaluate.between.suites', value: '[]' },
])
const task = {
  id: 'tiny.deduction',
  kind: 'deduction',
  program: 'def f(a):\n return a + 1',
  hash: 'tiny.deduction',
  normalized: '',
  message: '',
  pairs: [{ input: '4', output: '5', canonical: '' }],
}
const suite = suiteOf(findSuite('tiny'), Array<typeof task>(count).fill(task))

/** Working that differs between answers, then the answer. Every other one is right. */
const sampler = {
  encode,
  completeMany: async ({ seed }: SamplingRequest, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const text = `<T>${Buffer.alloc(4 * tokens, `${seed + i};`)}<A>${5 + ((seed >> 8) % 2)}`
      return completionOf(text, new Int32Array([1]), new Int32Array(tokens).fill(seed % 1000))
    }),
}
const sandbox = { readLiteral: literal, readArguments: literal, inspect: never, execute: never }

const row = { name: 'many', preset: 'micro', seed: 1, config, versions: {}, created_at_ms: 0 }
const { store, release } = await openRun(home, 'many', row)
const dialect = dialectOf(config, builtInKinds.all)
const suites = new Map([['tiny', suite]])
const ports = {
  ...portsOf(config, sampler, dialect),
  store,
  suites,
  sandbox,
  kinds: builtInKinds,
  verdicts: createVerdicts(sandbox),
  served: () => 0,
  evaluationsDue: async (step: number) => evaluationsDue({ config, suites }, step, []),
  onStep: () => {},
}

async function carryOut(command: ToTrainer): Promise<FromTrainer> {
  if (isSettled(command)) return settled(command)
  throw new Error(`Cannot carry out ${command.type}: only suites are scored`)
}
const flow = createFlow(ports)
const begun = performance.now()
const stop = await play({ ports, flow, config, kinds: builtInKinds, carryOut })
const [score] = await store.read.evaluations()
stop()
await release()
const seconds = (performance.now() - begun) / 1000
const peakMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ ...score, seconds, peakMb })}\n`)
