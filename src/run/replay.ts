/**
 * A run again from its rows: the real actors and the real work, with a store that throws where
 * anything comes out otherwise. No engine, no learner and, unless programs are executed again, no
 * sandbox. The third composition root, beside main.ts and compose.ts.
 */
import { dirname, join } from 'node:path'
import { createActor, fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { Policy } from '../../actors/engine-setup.ts'
import type { FromTrainer, ToTrainer } from '../../actors/messages.ts'
import type { Place, Plan } from '../../actors/run-context.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import { AzrError, LearnerGone, RunDamaged, UsageError } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import { dialects } from '../../domain/prompts/index.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { noRun } from '../../state/database.ts'
import type { Difference } from '../../state/recorded-rows.ts'
import { createReplayStore, type ReplayStore } from '../../state/replay.ts'
import type { Row } from '../../state/schema/index.ts'
import { createGraders } from '../benchmarks/graders.ts'
import { openSuites } from '../benchmarks/held-out.ts'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { locate, profileFolder, python } from '../config/paths.ts'
import type { Completion, EngineServer } from '../engine/types.ts'
import { checkSamePlugins, openPlugins } from '../plugins/open.ts'
import { machineOf, unloaded } from './compose.ts'
import { openSandboxes } from './sandboxes.ts'
import { planStep } from './work/plan.ts'
import { update } from './work/policy.ts'
import { emptySession, type Ports } from './work/ports.ts'
import { createRecordedSandbox, createRecordedVerdicts } from './work/recorded.ts'
import { gradeProposals, scoreStep } from './work/score.ts'
import { createVerdicts } from './work/verdicts.ts'
import { goOn } from './work/watch.ts'
import { inputOf } from './world.ts'

export type ReplayOptions = {
  folder: string
  /** Whether every program is run again. */
  isExecuted: boolean
  /** Called once a step, or a round of the seeding, is scored, while all of it is in memory. */
  onScored?: (ports: Ports) => Promise<void>
  onStep?: Ports['onStep']
}

export type Replayed = {
  /** First and last step that were replayed. */
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

/** It is asked only for what was not recorded, and then nobody heeds its answers. */
const silentEngine = {
  sampler: {
    complete: async () => blank,
    completeMany: async (_, count) => Array.from({ length: count }, () => blank),
    score: async () => [],
  },
} satisfies Pick<EngineServer, 'sampler'>

/** Graders keep no record of what they ran: benchmarks are replayed by grading them again. */
const noGraders = createGraders(async () => {
  throw new UsageError('Cannot replay answers to a benchmark without running them: use --execute')
})

async function portsOf(
  config: Config,
  { name, plugins: began }: Row<'run'>,
  store: ReplayStore,
  sandbox: Sandbox | null,
): Promise<Ports> {
  const plugins = await openPlugins(config)
  checkSamePlugins('replay', name, began, plugins)
  const model = locate(config.model.path)
  const places = { model, data: join(dirname(store.folder), 'data') }
  return {
    config,
    plugins,
    store,
    model,
    dialect: dialects[config.dialect],
    sandbox: sandbox ?? createRecordedSandbox(store),
    // Measured: no two runs of a program need have the same neighbours.
    sandboxCounts: () => ({}),
    verdicts: sandbox ? createVerdicts(sandbox) : createRecordedVerdicts(store),
    engine: () => silentEngine as unknown as EngineServer,
    learner: () => {
      throw new LearnerGone('A replay has no learner')
    },
    suites: await openSuites(config, places, store.reader.suiteItems()),
    graders: sandbox ? createGraders(openSandboxes(config.sandbox.workers)) : noGraders,
    session: emptySession(-1),
    policy: { version: unloaded },
    held: null,
    fits: null,
    lastScores: null,
    watch: async () => goOn,
    onStep: () => {},
    onProgress: () => {},
  }
}

/** The batch as it goes to the learner is held against the recorded one, item by item. */
async function compareBatch(ports: Ports, step: number): Promise<void> {
  const { store, session } = ports
  await store.write(
    session.batch.map(({ id, ...item }, position) => {
      return { table: 'update_items', row: { step, position, rollout_id: id, ...item } }
    }),
  )
  await update(ports, step)
}

async function carryOut(ports: Ports, command: ToTrainer): Promise<FromTrainer> {
  switch (command.type) {
    case 'policy.update':
      await compareBatch(ports, command.step)
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
        suspect: '',
      }
  }
}

type Walk = { ports: Ports; store: ReplayStore; onScored: NonNullable<ReplayOptions['onScored']> }

function machineFor({ ports, store, onScored }: Walk) {
  const load = async (policy: Policy | null) => {
    if (policy) ports.policy = { version: policy.version }
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
      carryOut: fromPromise(({ input }: { input: ToTrainer }) => carryOut(ports, input)),
    },
  })
  const score = fromPromise<void, Place>(async ({ input }) => {
    await scoreStep(ports, input)
    await onScored(ports)
  })
  const plan = fromPromise<Plan, Place>(async ({ input }) => {
    // A round of the seeding is graded when the next is planned.
    if (input.round > 0) {
      await gradeProposals(ports)
      await onScored(ports)
    }
    // A run that was made longer was scored at each of its ends.
    const steps = store.ends.includes(input.step) ? input.step : Number.POSITIVE_INFINITY
    ports.config = { ...ports.config, steps }
    return planStep(ports, input)
  })
  return machineOf(ports, { engine: null, learner: null }, '').provide({
    actors: { engine, trainer, planStep: plan, scoreStep: score },
  })
}

function walk(given: Walk, to: number): Promise<void> {
  const input = { ...inputOf(given.ports.config), steps: to }
  const actor = createActor(machineFor(given), { input })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches({ step: 'finished' })) resolve()
      if (snapshot.matches({ step: 'failed' })) reject(new AzrError(snapshot.context.error))
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
  const { folder, isExecuted, onStep, onScored = async () => {} } = options
  const given = isExecuted
    ? (['rollouts', 'updates'] as const)
    : (['rollouts', 'executions', 'updates'] as const)
  const store = createReplayStore({ folder, given })
  const { reader, from } = store
  const to = reader.lastStep()
  const row = reader.run()
  if (!row || to === null || to < from) {
    await store.close()
    if (!row) throw new RunDamaged(`Cannot replay ${folder} as ${noRun}`)
    throw new UsageError('Cannot replay a run that has finished no step yet')
  }
  const config = parseConfig(row.config, 'the stored config')
  const sandbox = isExecuted ? await sandboxOf(config) : null
  const begun = performance.now()
  let ports: Ports | null = null
  try {
    ports = await portsOf(config, row, store, sandbox)
    if (onStep) ports.onStep = onStep
    await walk({ ports, store, onScored }, to).catch(error => {
      if (!store.difference()) throw error
    })
    const seconds = (performance.now() - begun) / 1000
    return { steps: [from, to], ...store.counts, seconds, difference: store.difference() }
  } finally {
    await Promise.all([sandbox?.stop(), ports?.graders.stop(), store.close()])
  }
}
