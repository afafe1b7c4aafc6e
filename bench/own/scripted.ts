/**
 * A run over scripted services, for measurements of our own process: the parts that all such runs
 * share. The scripts themselves are elsewhere.
 */
import { createActor, fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { FromTrainer, ToTrainer } from '../../actors/messages.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import type { Config } from '../../src/config/config.ts'
import { machineOf } from '../../src/run/compose.ts'
import type { Flow } from '../../src/run/flow.ts'
import { createRoom } from '../../src/run/work/room.ts'
import { inputOf } from '../../src/run/world.ts'

/** A completion of the scripted engine. */
export const completionOf = (text: string, promptIds: Int32Array, ids: Int32Array) => {
  const logprobs = new Float32Array(ids.length).fill(-0.5)
  return { text, promptIds, ids, logprobs, finishReason: 'stop' as const }
}

/** One id for each character. */
export const encode = async (text: string) => new Int32Array(text.length)

/** Accepts any text as a literal. */
export const literal = async (text: string) => {
  return { ok: true as const, canonical: text, display: text }
}

export const never = () => Promise.reject(new Error('no item asks for this'))

/** The ports of a run that are the same for all scripts. */
export function portsOf<Sampler extends { encode: typeof encode }>(
  config: Config,
  sampler: Sampler,
  dialect: Dialect,
) {
  const engine = () => ({ sampler })
  return {
    config,
    dialect,
    asking: dialect,
    engine,
    room: createRoom({ config, engine }),
    plugins: { reward: null },
    graders: { grade: never },
    seeds: async () => [],
    frame: async ({ question }: { question: string }) => question,
    engineCounts: async () => ({}),
    sandboxCounts: () => ({}),
    onGraded: async () => {},
    watch: async () => ({ next: 'goOn', why: '' }) as const,
  }
}

type Settled = Extract<ToTrainer, { type: 'policy.export' | 'policy.probe' }>

export const isSettled = (command: ToTrainer): command is Settled =>
  command.type === 'policy.export' || command.type === 'policy.probe'

/** Exports and probes succeed at once. */
export function settled({ type, version }: Settled): FromTrainer {
  if (type === 'policy.export') return { type: 'policy.exported', version, path: '' }
  return { type: 'policy.probed', version, passed: true, largest: 0, measured: '', suspect: '' }
}

type Scripted = {
  ports: Parameters<typeof machineOf>[0]['ports']
  flow: Flow
  config: Config
  kinds: Kinds
  /** Called with the version that the engine has to serve. */
  load?: (version: number) => void
  carryOut: (command: ToTrainer) => Promise<FromTrainer>
  inspect?: NonNullable<Parameters<typeof createActor>[1]>['inspect']
}

const forever = () => fromPromise<never, void>(() => new Promise(() => {}))
const atOnce = <Input>() => fromPromise<void, Input>(async () => {})

/** Carries the run to its end. Returns a function that stops its actors. */
export async function play({ ports, flow, config, kinds, load, carryOut, inspect }: Scripted) {
  const engine = engineMachine.provide({
    actors: {
      startEngine: atOnce(),
      warmEngine: atOnce(),
      watchEngine: forever(),
      drainEngine: atOnce(),
      loadPolicy: fromPromise(async ({ input }) => {
        if (input) load?.(input.version)
      }),
    },
  })
  const trainer = trainerMachine.provide({
    actors: {
      startLearner: atOnce(),
      watchLearner: forever(),
      carryOut: fromPromise(({ input }: { input: ToTrainer }) => carryOut(input)),
    },
  })
  const actor = createActor(machineOf({ ports, flow, engine, trainer }), {
    input: inputOf(config, kinds),
    ...(inspect ? { inspect } : {}),
  })
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
  return () => actor.stop()
}
