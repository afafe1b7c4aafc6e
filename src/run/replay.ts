/**
 * Runs a run again from its rows: the real actors and work, with a store that throws at the first
 * difference. There is no engine, no learner and, unless programs are executed again, no sandbox.
 * It is the third composition root, with world.ts and compose.ts.
 */
import { dirname, join } from 'node:path'
import { createActor, fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { Policy } from '../../actors/engine-setup.ts'
import type { FromTrainer, ToTrainer } from '../../actors/messages.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import { failure, LearnerGone, RunDamaged, UsageError } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { noRun } from '../../state/database.ts'
import type { Difference } from '../../state/recorded-rows.ts'
import { createReplayStore, type ReplayStore } from '../../state/replay.ts'
import { createGraders, type Graders } from '../benchmarks/graders.ts'
import { openSuites, type Suite } from '../benchmarks/suites.ts'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { locate, profileFolder, python } from '../config/paths.ts'
import type { Completion, EngineServer } from '../engine/types.ts'
import { checkSamePlugins, kindsIn, openPlugins, type Plugins } from '../plugins/open.ts'
import { machineOf, unloaded } from './compose.ts'
import { createFlow, type Flow } from './flow.ts'
import { openSandboxes } from './sandboxes.ts'
import type { ClosePorts } from './work/close.ts'
import { evaluationsDue } from './work/due.ts'
import {
  createRecordedFraming,
  createRecordedSandbox,
  createRecordedVerdicts,
  recordedSeeds,
} from './work/recorded.ts'
import type { Made, RescorePorts } from './work/rescore.ts'
import { createRecordedRoom } from './work/room.ts'
import { itemWrites, type StepBatch, update } from './work/update.ts'
import { createVerdicts } from './work/verdicts.ts'
import { goOn } from './work/watch.ts'
import { inputOf } from './world.ts'

export type ReplayOptions = {
  folder: string
  /** Whether programs are run again. */
  isExecuted: boolean
  /** Called when a step, or a round of the seeding, is scored, while all of it is in memory. */
  onGraded?: (ports: RescorePorts, made: Made) => Promise<void>
  onStep?: ClosePorts['onStep']
}

export type Replayed = {
  /** First and last replayed step. */
  steps: [from: number, to: number]
  rows: number
  rollouts: number
  seconds: number
  difference: Difference | null
}

const never = () => new Promise<never>(() => {})
const blank: Completion = {
  text: '',
  promptIds: new Int32Array(),
  ids: new Int32Array(),
  logprobs: new Float32Array(),
  finishReason: 'stop',
}

/** It is only asked for results that were not recorded, and its answers are ignored. */
const silentEngine = {
  sampler: {
    chat: async question => question,
    encode: async () => new Int32Array(),
    complete: async () => blank,
    completeMany: async (_, count) => Array.from({ length: count }, () => blank),
    score: async () => [],
  },
} satisfies Pick<EngineServer, 'sampler'>

/** Executions of graders are not recorded, so benchmarks are replayed by grading again. */
const noGraders = createGraders(async () => {
  throw new UsageError(
    'replay-needs-execute',
    'Cannot replay answers to a benchmark without running them: use --execute',
  )
})

type Given = {
  config: Config
  plugins: Plugins
  store: ReplayStore
  sandbox: Sandbox | null
  graders: Graders
  suites: Map<string, Suite>
  kinds: Kinds
  dialect: Dialect
  asking: Dialect
}

function portsOf({ sandbox, ...given }: Given) {
  const { config, store, suites } = given
  let version = unloaded
  return {
    ...given,
    sandbox: sandbox ?? createRecordedSandbox(store),
    // Measured: which programs share a process differs between runs.
    sandboxCounts: () => ({}),
    engineCounts: async () => ({}),
    verdicts: sandbox ? createVerdicts(sandbox) : createRecordedVerdicts(store),
    engine: () => silentEngine,
    frame: createRecordedFraming(store.reader),
    room: createRecordedRoom(store),
    seeds: async () => recordedSeeds(store),
    served: () => version,
    serve(loaded: number) {
      version = loaded
    },
    held: () => {
      throw new LearnerGone('replay-limits', 'A replay has no learner')
    },
    model: '',
    /** A run that was extended was scored at each of its ends. */
    async evaluationsDue(step: number) {
      const steps = store.ends.includes(step) ? step : Number.POSITIVE_INFINITY
      const stored = store.reader.evaluations()
      return evaluationsDue({ config: { ...config, steps }, suites }, step, stored)
    },
    watch: async () => goOn,
  }
}

type ReplayPorts = ReturnType<typeof portsOf>

/** Compares the learner's batch with the recorded one, item by item. */
async function compareBatch(ports: ReplayPorts, given: StepBatch): Promise<void> {
  await ports.store.write(itemWrites(given))
  await update(ports, given)
}

async function carryOut(ports: ReplayPorts, flow: Flow, command: ToTrainer): Promise<FromTrainer> {
  switch (command.type) {
    case 'policy.update':
      await compareBatch(ports, { step: command.step, batch: flow.batch() })
      return { type: 'policy.updated', step: command.step }
    case 'policy.save':
      return { type: 'policy.saved', step: command.step }
    case 'policy.export':
      return { type: 'policy.exported', version: command.version, path: '' }
    case 'policy.probe':
      return {
        type: 'policy.probed',
        version: command.version,
        passed: true,
        largest: 0,
        measured: '',
        suspect: '',
      }
  }
}

function machineFor(ports: ReplayPorts, options: ReplayOptions) {
  const { onStep = () => {}, onGraded = async () => {} } = options
  const heard = { ...ports, onStep, onGraded: (made: Made) => onGraded(ports, made) }
  const flow = createFlow(heard)
  const load = async (policy: Policy | null) => {
    if (policy) ports.serve(policy.version)
  }
  const engine = engineMachine.provide({
    actors: {
      startEngine: fromPromise(async () => {}),
      warmEngine: fromPromise(({ input: policy }) => load(policy)),
      watchEngine: fromPromise(never),
      drainEngine: fromPromise(async () => {}),
      loadPolicy: fromPromise(({ input: policy }) => load(policy)),
      sleepEngine: fromPromise(async () => {}),
      stopEngine: fromPromise(async () => {}),
    },
  })
  const trainer = trainerMachine.provide({
    actors: {
      startLearner: fromPromise(async () => {}),
      watchLearner: fromPromise(never),
      carryOut: fromPromise(({ input }: { input: ToTrainer }) => carryOut(ports, flow, input)),
    },
  })
  return machineOf({ ports: heard, flow, engine, trainer })
}

function walk(ports: ReplayPorts, options: ReplayOptions, to: number): Promise<void> {
  const input = { ...inputOf(ports.config, ports.kinds), steps: to }
  const actor = createActor(machineFor(ports, options), { input })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches({ step: 'finished' })) resolve()
      if (snapshot.matches({ step: 'failed' })) reject(failure(snapshot.context.error))
    },
    error: reject,
  })
  actor.start()
  return promise.finally(() => actor.stop())
}

async function sandboxOf({ sandbox: { workers, profile: name } }: Config): Promise<Sandbox> {
  const profile = await openProfile(name, { python, home: profileFolder })
  return startSandbox({ python, workers, profile })
}

export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { folder, isExecuted } = options
  const given = isExecuted
    ? (['rollouts', 'updates'] as const)
    : (['rollouts', 'executions', 'updates'] as const)
  const store = createReplayStore({ folder, given })
  const { reader, from } = store
  const to = reader.lastStep()
  const row = reader.run()
  if (!row || to === null || to < from) {
    await store.close()
    if (!row) throw new RunDamaged('run-damaged', `Cannot replay ${folder} as ${noRun}`)
    throw new UsageError('run-without-steps', 'Cannot replay a run that has finished no step yet')
  }
  const config = parseConfig(row.config, 'the stored config')
  const sandbox = isExecuted ? await sandboxOf(config) : null
  const graders = isExecuted ? createGraders(openSandboxes(config.sandbox.workers)) : noGraders
  const begun = performance.now()
  try {
    const plugins = await openPlugins(config)
    checkSamePlugins('replay', row.name, row.plugins, plugins)
    const places = { model: locate(config.model.path), data: join(dirname(folder), 'data') }
    const kinds = kindsIn(config, plugins)
    const asking = dialectOf(config, kinds.all, config.evaluate.template)
    const known = { plugins, kinds, dialect: dialectOf(config, kinds.all), asking }
    const kept = reader.suiteItems()
    const suites = await openSuites(config, places, { ...known, dialect: asking, kept })
    const ports = portsOf({ ...known, config, store, sandbox, graders, suites })
    await walk(ports, options, to).catch(error => {
      if (!store.difference()) throw error
    })
    const seconds = (performance.now() - begun) / 1000
    return { steps: [from, to], ...store.counts, seconds, difference: store.difference() }
  } finally {
    await Promise.all([sandbox?.stop(), graders.stop(), store.close()])
  }
}
