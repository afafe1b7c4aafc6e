/**
 * Measures the CPU time of our own process per rollout: self-play of `micro` with real actors, work
 * and store, and a scripted engine, sandbox and learner, which answer at once.
 *
 * node bench/own.ts HOME [STEPS=10]
 *
 * The run stays in HOME/own, for `bench:replay` and `bench:writer`. Frames and requests are not
 * included; bench/step.ts measures those.
 */
import { mkdirSync } from 'node:fs'
import type { FromTrainer, ToTrainer } from '../actors/messages.ts'
import { kindsOf } from '../domain/kinds/index.ts'
import { dialectOf } from '../domain/prompts/index.ts'
import { loadConfig } from '../src/config/load.ts'
import type { SamplingRequest, UpdateReport } from '../src/engine/types.ts'
import { createFlow } from '../src/run/flow.ts'
import { createTrace } from '../src/run/trace.ts'
import { update } from '../src/run/work/update.ts'
import { createVerdicts } from '../src/run/work/verdicts.ts'
import { openRun } from '../state/open.ts'
import type { NewRow } from '../state/types.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { completionOf, encode, isSettled, literal, play, portsOf, settled } from './own/scripted.ts'

const spec: Spec = {
  command: 'node bench/own.ts',
  about:
    'Measures the CPU time of our own process per rollout, with scripted engine, sandbox and ' +
    'learner.',
  positions: {
    HOME: { about: 'folder of its run' },
    STEPS: { about: 'steps of the run', default: '10' },
  },
}
const options = readOptions(spec)
const home = options.HOME as string
const steps = countOf(spec, options, 'STEPS', 3)
const tokens = 40
const config = loadConfig('micro', [
  { path: 'steps', value: String(steps) },
  { path: 'kinds', value: '[deduction, abduction]' },
  { path: 'evaluate.suites', value: '[]' },
  { path: 'evaluate.between.suites', value: '[]' },
])

const kinds = kindsOf(['deduction', 'abduction'])
const dialect = dialectOf(config, kinds.all)
const formula = /a \* (\d+) \+ (\d+)/
const outputOf = (program: string, input: string) => {
  const [, times = '1', plus = '0'] = formula.exec(program) ?? []
  return String(Number(input) * Number(times) + Number(plus))
}

/** Programs that differ by the seed, and answers of which some are right. */
function complete({ prompt, seed }: SamplingRequest, i: number): string {
  const draw = (seed >>> 8) + i
  const text = String(prompt)
  if (text.startsWith('<P'))
    return `def f(a):\n x = a * ${draw % 997} + ${draw % 89}\n return x<I>${draw % 7}`
  const [program = '', shown = ''] = text.slice(0, -'<S>'.length).split(/<[IR]>/)
  return `<A>${draw % 3 === 0 ? outputOf(program, shown) : draw % 11}`
}

const sampler = {
  encode,
  completeMany: async (request: SamplingRequest, count: number) =>
    Array.from({ length: count }, (_, i) =>
      completionOf(
        complete(request, i),
        new Int32Array(tokens).fill(7),
        new Int32Array(tokens).fill(9),
      ),
    ),
}
const facts = { functions: ['f'], imports: [], classes: [], unread: [], uses: [] }
const sandbox = {
  readLiteral: literal,
  readArguments: literal,
  inspect: async (program: string) => ({
    ok: true as const,
    facts: { ...facts, normalized: program },
  }),
  execute: async ({ program, inputs }: { program: string; inputs: string[] }) =>
    inputs.map(input => {
      const output = outputOf(program, input)
      const value = { output, canonical: output, error: null, literal: true, inputCanonical: input }
      return { outcome: 'returned' as const, ...value, cpuMs: 1, peakMemoryBytes: 1 }
    }),
}

const report: UpdateReport = {
  loss: 0,
  gradientNorm: 1,
  entropy: 1,
  mismatchKl: 0,
  mismatchK3: 0,
  clipFraction: 0,
  groupKl: {},
  tokens: 1,
  skipped: null,
  weightsHash: 'scripted',
  microBatches: 1,
  budgets: [4096],
  seconds: 0,
}
const learner = {
  isExact: true,
  load: async () => ({ weightsHash: 'scripted', parameters: 1, learned: 1 }),
  probe: async () => ({ microBatchTokens: 4096, peakBytes: 1 }),
  update: async () => report,
}
const held = { learner, weights: { version: 0, weightsHash: 'scripted' }, fits: 4096 }

mkdirSync(home, { recursive: true })
const row = { name: 'own', preset: 'micro', seed: 1, config, versions: {}, created_at_ms: 0 }
const { store, release } = await openRun(home, 'own', row)
const rows: NewRow<'steps'>[] = []
let version = 0
const ports = {
  ...portsOf(config, sampler, dialect),
  store,
  sandbox,
  held: () => held as never,
  model: '',
  suites: new Map(),
  kinds,
  verdicts: createVerdicts(sandbox),
  served: () => version,
  evaluationsDue: async () => [],
  onStep: (row: NewRow<'steps'>) => void rows.push(row),
}
const flow = createFlow(ports)

async function carryOut(command: ToTrainer): Promise<FromTrainer> {
  if (isSettled(command)) return settled(command)
  const { step } = command
  if (command.type === 'policy.save') return { type: 'policy.saved', step }
  await update(ports, { step, batch: flow.batch() })
  return { type: 'policy.updated', step }
}

const stop = await play({
  ports,
  flow,
  config,
  kinds,
  load(served) {
    version = served
  },
  carryOut,
  inspect: createTrace(store, config).inspect,
})
// This also writes the rest of the trace.
await store.event('finished')
stop()
await release()
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
const warm = rows.slice(3)
const each = median(warm.map(({ own_cpu_ms, rollouts }) => own_cpu_ms / rollouts))
process.stdout.write(
  `${rows.length - 1} steps of ${warm[0]?.rollouts} rollouts: ${each.toFixed(3)} ms of CPU ` +
    'time per rollout\n',
)
