/**
 * Scores a suite of many items, each answered with thousands of tokens, in a process of its own that
 * then tells its peak memory: real actors, work and store; engine and sandbox are scripted.
 *
 *   node test/whole/many-items.ts HOME ITEMS TOKENS
 */
import { createActor, fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { FromTrainer, ToTrainer } from '../../actors/messages.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import { builtInKinds } from '../../domain/kinds/index.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { findSuite, suiteOf } from '../../src/benchmarks/suites.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { SamplingRequest } from '../../src/engine/types.ts'
import { machineOf } from '../../src/run/compose.ts'
import { createFlow } from '../../src/run/flow.ts'
import { evaluationsDue } from '../../src/run/work/due.ts'
import { createRoom } from '../../src/run/work/room.ts'
import { createVerdicts } from '../../src/run/work/verdicts.ts'
import { inputOf } from '../../src/run/world.ts'
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

/** Working that differs from answer to answer, then the answer: every other one is right. */
const sampler = {
  encode: async (text: string) => new Int32Array(text.length),
  completeMany: async ({ seed }: SamplingRequest, count: number) =>
    Array.from({ length: count }, (_, i) => {
      const text = `<T>${Buffer.alloc(4 * tokens, `${seed + i};`)}<A>${5 + ((seed >> 8) % 2)}`
      return {
        text,
        promptIds: new Int32Array([1]),
        ids: new Int32Array(tokens).fill(seed % 1000),
        logprobs: new Float32Array(tokens).fill(-0.5),
        finishReason: 'stop' as const,
      }
    }),
}
const literal = async (text: string) => ({ ok: true as const, canonical: text, display: text })
const never = () => Promise.reject(new Error('no item asks for this'))
const sandbox = { readLiteral: literal, readArguments: literal, inspect: never, execute: never }

const row = { name: 'many', preset: 'micro', seed: 1, config, versions: {}, created_at_ms: 0 }
const { store, release } = await openRun(home, 'many', row)
const dialect = dialectOf(config, builtInKinds.all)
const suites = new Map([['tiny', suite]])
const ports = {
  config,
  store,
  suites,
  sandbox,
  plugins: { reward: null },
  kinds: builtInKinds,
  dialect,
  asking: dialect,
  room: createRoom({ config, engine: () => ({ sampler }) }),
  seeds: async () => [],
  verdicts: createVerdicts(sandbox),
  graders: { grade: never },
  engine: () => ({ sampler }),
  frame: async ({ question }: { question: string }) => question,
  served: () => 0,
  engineCounts: async () => ({}),
  sandboxCounts: () => ({}),
  evaluationsDue: async (step: number) => evaluationsDue({ config, suites }, step, []),
  onGraded: async () => {},
  onStep: () => {},
  watch: async () => ({ next: 'goOn', why: '' }) as const,
}

function answer(command: ToTrainer): FromTrainer {
  if (command.type === 'policy.export') {
    return { type: 'policy.exported', version: command.version, path: '' }
  }
  const passed = { passed: true, largest: 0, suspect: '' }
  return { type: 'policy.probed', version: (command as { version: number }).version, ...passed }
}
const forever = () => fromPromise<never, void>(() => new Promise(() => {}))
const atOnce = <Input>() => fromPromise<void, Input>(async () => {})
const machine = machineOf({
  ports,
  flow: createFlow(ports),
  engine: engineMachine.provide({
    actors: {
      startEngine: atOnce(),
      warmEngine: atOnce(),
      watchEngine: forever(),
      drainEngine: atOnce(),
      loadPolicy: atOnce(),
    },
  }),
  trainer: trainerMachine.provide({
    actors: {
      startLearner: atOnce(),
      watchLearner: forever(),
      carryOut: fromPromise(async ({ input }: { input: ToTrainer }) => answer(input)),
    },
  }),
})
const actor = createActor(machine, { input: inputOf(config, builtInKinds) })
const begun = performance.now()
await new Promise<void>((resolve, reject) => {
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches({ step: 'finished' })) resolve()
      if (snapshot.matches({ step: 'failed' })) reject(new Error(snapshot.context.error))
    },
    error: reject,
  })
  actor.start()
})
const [score] = await store.read.evaluations()
actor.stop()
await release()
const seconds = (performance.now() - begun) / 1000
const peakMb = process.resourceUsage().maxRSS / 1024
process.stdout.write(`${JSON.stringify({ ...score, seconds, peakMb })}\n`)
