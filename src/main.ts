/**
 * The composition root: the only place that knows actors, store, engine, learner and sandbox at
 * once. It starts a run's world, lets the run machine walk, and takes all of it down again.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createActor, fromPromise } from 'xstate'
import { engineMachine, type Policy } from '../actors/engine.ts'
import { evaluatorMachine } from '../actors/evaluator.ts'
import { executorMachine } from '../actors/executor.ts'
import { ItemError } from '../actors/items.ts'
import type { FailureSource, ItemFailed, ToTrainer } from '../actors/messages.ts'
import { proposerMachine } from '../actors/proposer.ts'
import { runMachine } from '../actors/run.ts'
import type { Place, RunInput } from '../actors/run-setup.ts'
import { solverMachine } from '../actors/solver.ts'
import { trainerMachine } from '../actors/trainer.ts'
import { startSandbox } from '../sandbox/index.ts'
import type { Sandbox } from '../sandbox/types.ts'
import type { Store } from '../state/types.ts'
import type { Config } from './config.ts'
import { dialects } from './domain/prompts/index.ts'
import type { Kind } from './domain/task.ts'
import { startEmbeddedEngine } from './engine/embedded.ts'
import { startLearner } from './engine/learner.ts'
import type { EngineServer, Learner } from './engine/types.ts'
import {
  AzrError,
  EngineGone,
  explain,
  LearnerGone,
  MemoMismatch,
  SandboxGone,
  UsageError,
  WorkerGone,
} from './errors.ts'
import { locate, python, trainerFolder } from './paths.ts'
import { createTrace, type Trace } from './trace.ts'
import { draftAnswer, gradeAnswer } from './work/answer.ts'
import { closeStep, planEvaluation } from './work/close.ts'
import { locateRun, planStep } from './work/plan.ts'
import { carryOut } from './work/policy.ts'
import { emptySession, type Ports } from './work/ports.ts'
import { checkProposal, draftProposal } from './work/propose.ts'
import { scoreStep } from './work/score.ts'
import { settleKind } from './work/settle.ts'
import { attemptItem, gradeItem, readSuite, type Suite, scoreSuites } from './work/suites.ts'

const commandPollMs = 250
/** Version of an engine that has loaded nothing from us yet. */
const unloaded = -1

export type WorldOptions = {
  store: Store
  config: Config
  /** Where the caches of children go. */
  cacheDir: string
  onStep?: Ports['onStep']
}

/** What a run is doing, for whoever shows it. */
export type Glance = {
  step: number
  state: string
  isPaused: boolean
  waiting: number
  flying: number
}

export type World = {
  trace: Trace
  glance: () => Glance
  /** Pids of all children, for `azr doctor` and for fault tests. */
  pids: () => number[]
  /** Resolves when the steps are done, or when the run was stopped; rejects when it failed. */
  done: Promise<'finished' | 'stopped'>
  pause: () => void
  resume: () => void
  stop: () => Promise<void>
}

/** Everything that can be wrong with a config on this machine, before anything is started. */
export function checkWorld(config: Config): { model: string; suites: Map<string, Suite> } {
  const model = locate(config.model.path)
  if (!existsSync(join(model, 'config.json'))) {
    throw new UsageError(
      `Cannot find model ${config.model.path}: ${model} has no config.json; give a Hugging Face ` +
        'folder with --model.path=DIR',
    )
  }
  if (config.engine.kind !== 'embedded') {
    throw new UsageError(
      `Cannot sample with engine.kind ${config.engine.kind} yet: this version has embedded only`,
    )
  }
  if (!existsSync(python)) {
    throw new UsageError(`Cannot start Python as ${python} is missing: run \`azr setup\``)
  }
  const suites = new Map(config.evaluate.suites.map(name => [name, readSuite(model, name)]))
  return { model, suites }
}

function sourceOf(error: unknown): FailureSource {
  if (error instanceof EngineGone) return 'engine'
  if (error instanceof LearnerGone) return 'learner'
  if (error instanceof SandboxGone) return 'sandbox'
  return error instanceof MemoMismatch || error instanceof WorkerGone ? 'fatal' : 'other'
}

type Command = ItemFailed['command']

/** One item's work; what breaks names its command, so that it can be given again. */
function itemWork(ports: Ports) {
  const carry = (command: Command, signal: AbortSignal): Promise<{ type: string }> => {
    const { version } = ports.policy
    switch (command.type) {
      case 'task.propose':
        return draftProposal(ports, command.order, version, signal)
      case 'task.solve':
        return draftAnswer(ports, command.order, version, signal)
      case 'proposal.check':
        return checkProposal(ports, command.order, signal)
      case 'answer.check':
        return gradeAnswer(ports, command.order, signal)
      case 'item.attempt':
        return attemptItem(ports, command.order, version, signal)
      case 'item.check':
        return gradeItem(ports, command.order, signal)
      case 'suites.score':
        return scoreSuites(ports, command.order.step).then(() => {
          return { type: 'suites.scored', order: command.order }
        })
    }
  }
  return fromPromise<{ type: string }, Command>(({ input: command, signal }) =>
    carry(command, signal).catch(error => {
      throw new ItemError(command, sourceOf(error), explain(error), error)
    }),
  )
}

type Services = { engine: EngineServer | null; learner: Learner | null }

function engineWork(ports: Ports, services: Services, cacheDir: string) {
  const { config, store, model } = ports
  const { threads, maxBatch, maxLength, concurrency } = config.engine
  const deadlineMs = config.deadlines.itemSeconds * 1000
  const options = {
    ...{ python, pythonPath: trainerFolder, model, cacheDir, deadlineMs },
    ...{ threads, maxBatch, maxLength, concurrency },
    logPath: join(store.folder, 'logs', 'engine.log'),
  }
  const load = async (policy: Policy, signal: AbortSignal) => {
    await ports.engine().load(join(store.folder, policy.path), policy.version, signal)
    ports.policy = { version: policy.version }
  }
  return engineMachine.provide({
    actors: {
      startEngine: fromPromise(async ({ input: { policy, restarts }, signal }) => {
        await services.engine?.stop()
        services.engine = null
        ports.policy = { version: unloaded }
        if (restarts > 0) await store.event('engine.restarted', { restarts })
        services.engine = await startEmbeddedEngine(options, signal)
        if (policy) await load(policy, signal)
      }),
      watchEngine: fromPromise(() => ports.engine().gone),
      loadPolicy: fromPromise(({ input: policy, signal }) => load(policy, signal)),
    },
  })
}

function trainerWork(ports: Ports, services: Services, cacheDir: string) {
  const { config, store } = ports
  const options = {
    ...{ python, pythonPath: trainerFolder, cacheDir, threads: config.trainer.threads },
    logPath: join(store.folder, 'logs', 'learner.log'),
    deadlineMs: config.deadlines.serviceSeconds * 1000,
  }
  return trainerMachine.provide({
    actors: {
      startLearner: fromPromise(async ({ input: { restarts }, signal }) => {
        await services.learner?.stop()
        services.learner = null
        ports.held = null
        if (restarts > 0) await store.event('learner.restarted', { restarts })
        services.learner = await startLearner(options, signal)
        await store.event('learner.ready', await services.learner.hello())
      }),
      watchLearner: fromPromise(() => ports.learner().gone),
      carryOut: fromPromise(({ input, signal }: { input: ToTrainer; signal: AbortSignal }) =>
        carryOut(ports, input, signal),
      ),
    },
  })
}

function machineOf(ports: Ports, services: Services, cacheDir: string) {
  const work = itemWork(ports)
  const place = <I extends Place, O>(act: (ports: Ports, input: I) => Promise<O>) =>
    fromPromise<O, I>(({ input }) => act(ports, input))
  return runMachine.provide({
    actors: {
      proposer: proposerMachine.provide({ actors: { work } }),
      solver: solverMachine.provide({ actors: { work } }),
      executor: executorMachine.provide({ actors: { work } }),
      evaluator: evaluatorMachine.provide({ actors: { work } }),
      trainer: trainerWork(ports, services, cacheDir),
      engine: engineWork(ports, services, cacheDir),
      locateRun: fromPromise(() => locateRun(ports)),
      planStep: place(planStep),
      settleKind: place<Place & { kind: Kind }, Awaited<ReturnType<typeof settleKind>>>(settleKind),
      scoreStep: place(scoreStep),
      planEvaluation: place(planEvaluation),
      closeStep: place(closeStep),
    },
  })
}

function inputOf({
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
  }
}

function need<T>(service: T | null, gone: AzrError): T {
  if (service === null) throw gone
  return service
}

function createPorts(options: WorldOptions, sandbox: Sandbox, services: Services): Ports {
  const { config, store, onStep = () => {} } = options
  const { model, suites } = checkWorld(config)
  return {
    ...{ config, store, sandbox, model, suites, onStep },
    dialect: dialects[config.dialect],
    engine: () => need(services.engine, new EngineGone('The engine is being started')),
    learner: () => need(services.learner, new LearnerGone('The learner is being started')),
    session: emptySession(-1),
    policy: { version: unloaded },
    held: null,
  }
}

export async function startWorld(options: WorldOptions): Promise<World> {
  const { config, store, cacheDir } = options
  const services: Services = { engine: null, learner: null }
  const sandbox = await startSandbox({ python, workers: config.sandbox.workers })
  const ports = createPorts(options, sandbox, services)
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
  actor.start()
  return {
    trace,
    glance() {
      const { context, value } = actor.getSnapshot()
      const { samples, checks, used } = context.queue
      return {
        step: context.step,
        state: trace.machines.get('run')?.state ?? 'starting',
        isPaused: (value as { watch: string }).watch === 'paused',
        waiting: samples.length + checks.length,
        flying: used.sample + used.check,
      }
    },
    pids: () =>
      [services.engine?.pid, services.learner?.pid, ...sandbox.pids()].filter(
        pid => pid !== undefined,
      ),
    done,
    pause,
    resume,
    async stop() {
      stopPolling()
      actor.stop()
      resolve('stopped')
      await Promise.all([services.engine?.stop(), services.learner?.stop(), sandbox.stop()])
    },
  }
}

type Verbs = Record<'pause' | 'resume' | 'stop', () => void>

/** Carries out what other processes ask for; what was asked before we began is not for us. */
function pollCommands(store: Store, verbs: Verbs): () => void {
  let seen: number | null = null
  let timer: NodeJS.Timeout | null = null
  let isOver = false
  const poll = async () => {
    if (seen === null) seen = await store.read.lastCommand()
    for (const { seq, command } of await store.read.commandsAfter(seen)) {
      seen = seq
      const act: (() => void) | undefined = verbs[command as keyof Verbs]
      await store.event(command in verbs ? `command.${command}` : 'command.unknown', {
        seq,
        command,
      })
      act?.()
    }
  }
  const tick = () => {
    poll()
      // The store's death is noticed by `store.gone`.
      .catch(() => {})
      .finally(() => {
        if (!isOver) timer = setTimeout(tick, commandPollMs)
      })
  }
  tick()
  return () => {
    isOver = true
    if (timer) clearTimeout(timer)
  }
}
