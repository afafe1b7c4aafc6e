/**
 * The composition root: the only place that knows actors, store, engine, learner and sandbox at
 * once. It starts a run's world, lets the run machine walk, and takes all of it down again.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createActor } from 'xstate'
import type { RunInput } from '../../actors/run-context.ts'
import { AzrError, EngineGone, LearnerGone, UsageError } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import { dialects } from '../../domain/prompts/index.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import type { Store } from '../../state/types.ts'
import { createGraders, type Graders } from '../benchmarks/graders.ts'
import { type KeptItems, openSuites } from '../benchmarks/held-out.ts'
import type { Suite } from '../benchmarks/micro/suites.ts'
import { backendOf } from '../config/backend.ts'
import type { Config } from '../config/config.ts'
import { checkModel, findModel } from '../config/model.ts'
import { profileFolder, python, referenceFolder } from '../config/paths.ts'
import { checkEngine } from '../engine/start.ts'
import { checkLearner } from '../learner/settings.ts'
import { openPlugins, type Plugins } from '../plugins/open.ts'
import { pollCommands } from './commands.ts'
import { machineOf, type Services, unloaded } from './compose.ts'
import { openSandboxes } from './sandboxes.ts'
import { createTrace, type Trace } from './trace.ts'
import { type Pulse, tellVitals } from './vitals.ts'
import { emptySession, type Ports } from './work/ports.ts'
import { createSandboxCounts } from './work/sandbox-counts.ts'
import { createVerdicts } from './work/verdicts.ts'
import { createWatch } from './work/watch.ts'

export type WorldOptions = {
  store: Store
  config: Config
  /** Where the caches of children go. */
  cacheDir: string
  onStep?: Ports['onStep']
  onProgress?: Ports['onProgress']
}

/** What a run is doing, for whoever shows it. */
export type Glance = {
  step: number
  state: string
  isPaused: boolean
  waiting: number
  flying: number
  /** Of both: answers, which the engine gives. */
  answers: number
}

export type World = {
  trace: Trace
  glance: () => Glance
  /** What waits where, and whom the actors heard of last. */
  vitals: Pulse['take']
  /** Pids of all children, for `azr doctor` and for fault tests. */
  pids: () => number[]
  /** Resolves when the steps are done, or when the run was stopped; rejects when it failed. */
  done: Promise<'finished' | 'stopped'>
  pause: () => void
  resume: () => void
  stop: () => Promise<void>
}

/**
 * Everything that can be wrong with a config on this machine, before anything is started. `kept`: the
 * items that a run which goes on has of its suites.
 */
export async function checkWorld(
  config: Config,
  home: string,
  kept?: KeptItems,
  isAskedMore?: boolean,
): Promise<{ model: string; suites: Map<string, Suite>; plugins: Plugins }> {
  const model = findModel(config.model.path)
  checkModel(config, model, backendOf(config) === 'plain')
  checkEngine(config, model)
  checkLearner(config)
  if (!existsSync(python)) {
    throw new UsageError(`Cannot start Python as ${python} is missing: run \`azr setup\``)
  }
  const { modes, between } = config.evaluate
  for (const mode of [...modes, ...between.modes]) {
    if (mode === 'greedy' || mode === 'sampled' || dialects[config.dialect].openings[mode]) continue
    throw new UsageError(
      `Cannot force ${mode} answers as dialect ${config.dialect} has no mark for it`,
    )
  }
  const places = { model, data: join(home, 'data') }
  const plugins = await openPlugins(config)
  return { model, plugins, suites: await openSuites(config, places, kept, isAskedMore) }
}

export function inputOf({
  steps,
  engine,
  sandbox,
  estimate,
  attempts,
  deadlines,
  restarts,
}: Config): RunInput {
  return {
    steps,
    credits: { sample: engine.concurrency, check: sandbox.concurrency },
    estimateSamples: estimate.samples,
    maxAttempts: attempts,
    itemMs: deadlines.itemSeconds * 1000,
    serviceMs: deadlines.serviceSeconds * 1000,
    startMs: deadlines.startSeconds * 1000,
    stallMs: deadlines.stallSeconds * 1000,
    maxRestarts: restarts,
    sleeps: engine.kind === 'vllm' && engine.sleep,
  }
}

/** Asked for with every item, so that the error is made only where it is thrown. */
function need<T>(service: T | null, gone: () => AzrError): T {
  if (service === null) throw gone()
  return service
}

type Opened = Awaited<ReturnType<typeof checkWorld>> & { sandbox: Sandbox; graders: Graders }

function createPorts(options: WorldOptions, opened: Opened, services: Services): Ports {
  const { config, store, onStep = () => {}, onProgress = () => {} } = options
  const { sandbox } = opened
  return {
    config,
    store,
    onStep,
    onProgress,
    ...opened,
    dialect: dialects[config.dialect],
    sandboxCounts: createSandboxCounts(sandbox),
    verdicts: createVerdicts(sandbox),
    engine: () => need(services.engine, () => new EngineGone('The engine is being started')),
    learner: () => need(services.learner, () => new LearnerGone('The learner is being started')),
    session: emptySession(-1),
    policy: { version: unloaded },
    held: null,
    fits: null,
    lastScores: null,
    watch: createWatch(store, config, onProgress),
  }
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { config, store, cacheDir } = options
  const services: Services = { engine: null, learner: null }
  const { workers, profile: profileName } = config.sandbox
  const kept = await store.read.suiteItems()
  const world = await checkWorld(config, dirname(store.folder), kept)
  const profile = await openProfile(profileName, { python, home: profileFolder })
  const sandbox = await startSandbox({ python, workers, profile })
  const graders = createGraders(openSandboxes(workers), referenceFolder)
  const ports = createPorts(options, { ...world, sandbox, graders }, services)
  const trace = createTrace(store, config)
  const actor = createActor(machineOf(ports, services, cacheDir), {
    input: inputOf(config),
    inspect: trace.inspect,
  })
  const { promise: done, resolve, reject } = Promise.withResolvers<'finished' | 'stopped'>()
  done.catch(() => {})
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches({ step: 'finished' })) resolve('finished')
      if (snapshot.matches({ step: 'failed' })) reject(new AzrError(snapshot.context.error))
    },
    error: reject,
  })
  store.gone.catch(reject)
  const pause = () => actor.send({ type: 'run.pause' })
  const resume = () => actor.send({ type: 'run.resume' })
  const stopPolling = pollCommands(store, {
    pause,
    resume,
    stop: () => resolve('stopped'),
  })
  const pulse = tellVitals({
    store,
    trace,
    config,
    look: () => actor.getSnapshot().context.queue,
  })
  actor.start()
  return {
    trace,
    vitals: pulse.take,
    glance() {
      const { context, value } = actor.getSnapshot()
      const { samples, checks, used } = context.queue
      return {
        step: context.step,
        state: trace.machines.get('run')?.state ?? 'starting',
        isPaused: (value as { watch: string }).watch === 'paused',
        waiting: samples.length + checks.length,
        flying: used.sample + used.check,
        answers: samples.length + used.sample,
      }
    },
    pids: () =>
      [
        ...(services.engine?.pids() ?? []),
        services.learner?.pid,
        ...sandbox.pids(),
        ...graders.pids(),
      ].filter(pid => pid !== undefined),
    done,
    pause,
    resume,
    async stop() {
      stopPolling()
      pulse.stop()
      actor.stop()
      resolve('stopped')
      await Promise.all([
        services.engine?.stop(),
        services.learner?.stop(),
        sandbox.stop(),
        graders.stop(),
      ])
    },
  }
}
