import { dirname } from 'node:path'
import { createActor, type SnapshotFrom } from 'xstate'
import { waiting } from '../../actors/queue.ts'
import type { runMachine } from '../../actors/run.ts'
import type { RunInput } from '../../actors/run-context.ts'
import { failure } from '../../domain/errors.ts'
import type { Sandbox } from '../../domain/execution.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import type { Store } from '../../state/types.ts'
import { createGraders, type Graders } from '../benchmarks/graders.ts'
import type { Config } from '../config/config.ts'
import { profileFolder, python, referenceFolder } from '../config/paths.ts'
import { type Checked, checkWorld } from './check.ts'
import { pollCommands } from './commands.ts'
import { engineOf, machineOf, reach, type Services, trainerOf } from './compose.ts'
import { createFlow } from './flow.ts'
import { shortestPrompts } from './prompts.ts'
import { openSandboxes } from './sandboxes.ts'
import { seedsOf } from './seed-file.ts'
import { createTrace, type Trace } from './trace.ts'
import { type Pulse, tellVitals } from './vitals.ts'
import type { ClosePorts } from './work/close.ts'
import { evaluationsDue } from './work/due.ts'
import { createEngineCounts } from './work/engine-counts.ts'
import { createGate } from './work/parity.ts'
import { createRoom } from './work/room.ts'
import { createSandboxCounts } from './work/sandbox-counts.ts'
import { createVerdicts } from './work/verdicts.ts'
import { createWatch } from './work/watch.ts'

export type WorldOptions = {
  store: Store
  config: Config
  /** The folder for the children's caches. */
  cacheDir: string
  onStep?: ClosePorts['onStep']
  /** Called with the progress of a long start. */
  onProgress?: (what: string) => void
}

/** The current activity of a run, for displays. */
export type Glance = {
  step: number
  state: string
  isPaused: boolean
  waiting: number
  flying: number
  /** Answers of both roles, from the engine. */
  answers: number
}

export type World = {
  trace: Trace
  glance: () => Glance
  /** The length of each queue, and the last message of each actor. */
  vitals: Pulse['take']
  /** Pids of all children, for `azr doctor` and for fault tests. */
  pids: () => number[]
  /** Resolves when the steps are done or the run was stopped. Rejects if it failed. */
  done: Promise<'finished' | 'stopped'>
  pause: () => void
  resume: () => void
  stop: () => Promise<void>
}

export function inputOf(config: Config, { names: kinds }: Kinds): RunInput {
  const { steps, engine, sandbox, estimate, attempts, deadlines, restarts } = config
  return {
    steps,
    kinds,
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

type Opened = Checked & { sandbox: Sandbox; graders: Graders }

/** All ports of the work. Each unit names those that it takes. */
function portsOf(options: WorldOptions, opened: Opened, services: Services) {
  const { config, store, cacheDir, onStep = () => {}, onProgress = () => {} } = options
  const { sandbox, suites } = opened
  return {
    config,
    store,
    cacheDir,
    onStep,
    onProgress,
    ...opened,
    ...reach(services),
    seeds: async () => seedsOf(config),
    frame: ({ question }: { question: string }, signal: AbortSignal) =>
      reach(services).engine().sampler.chat(question, signal),
    room: createRoom({ config, engine: reach(services).engine }),
    engineCounts: createEngineCounts(reach(services).engine),
    sandboxCounts: createSandboxCounts(sandbox),
    verdicts: createVerdicts(sandbox),
    evaluationsDue: async (step: number) =>
      evaluationsDue({ config, suites }, step, await store.read.evaluations()),
    onGraded: async () => {},
    watch: createWatch(store, config, onProgress),
  }
}

/** The machine of the run, with everything that was opened. */
function machineIn(options: WorldOptions, opened: Opened, services: Services) {
  const ports = portsOf(options, opened, services)
  const flow = createFlow(ports)
  const prompts = shortestPrompts(options.config, opened.kinds, opened.dialect)
  const gate = createGate({ ...ports, isSeeded: flow.isSeeded, prompts })
  const engine = engineOf(ports, services)
  const trainer = trainerOf({ ...ports, gate }, services, flow)
  return machineOf({ ports, flow, engine, trainer })
}

async function openWorld({ config, store }: WorldOptions): Promise<Opened> {
  const { workers, profile: name } = config.sandbox
  const kept = await store.read.suiteItems()
  const world = await checkWorld(config, dirname(store.folder), kept)
  const profile = await openProfile(name, { python, home: profileFolder })
  const sandbox = await startSandbox({ python, workers, profile })
  return { ...world, sandbox, graders: createGraders(openSandboxes(workers), referenceFolder) }
}

/** The children to end with the run. */
function childrenIn({ sandbox, graders }: Opened, services: Services) {
  const living = () => {
    const { engine, learner } = services
    return { servers: [engine?.server, sandbox, graders], learner: learner?.learner }
  }
  return {
    pids(): number[] {
      const { servers, learner } = living()
      const pids = servers.flatMap(server => server?.pids() ?? [])
      return learner ? [...pids, learner.pid] : pids
    },
    async stop() {
      const { servers, learner } = living()
      await Promise.all([...servers, learner].map(child => child?.stop()))
    },
  }
}

function glanceOf(snapshot: SnapshotFrom<typeof runMachine>, trace: Trace): Glance {
  const { context } = snapshot
  const { used } = context.queue
  const { sample, check } = waiting(context.queue)
  return {
    step: context.step,
    state: trace.machines.get('run')?.state ?? 'starting',
    isPaused: snapshot.matches({ watch: 'paused' }),
    waiting: sample + check,
    flying: used.sample + used.check,
    answers: sample + used.sample,
  }
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { config, store } = options
  const services: Services = { engine: null, learner: null }
  const opened = await openWorld(options)
  const children = childrenIn(opened, services)
  const trace = createTrace(store, config)
  const actor = createActor(machineIn(options, opened, services), {
    input: inputOf(config, opened.kinds),
    inspect: trace.inspect,
  })
  const { promise: done, resolve, reject } = Promise.withResolvers<'finished' | 'stopped'>()
  done.catch(() => {})
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches({ step: 'finished' })) resolve('finished')
      if (snapshot.matches({ step: 'failed' })) reject(failure(snapshot.context.error))
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
    glance: () => glanceOf(actor.getSnapshot(), trace),
    pids: children.pids,
    done,
    pause,
    resume,
    async stop() {
      stopPolling()
      pulse.stop()
      actor.stop()
      resolve('stopped')
      await children.stop()
    },
  }
}
