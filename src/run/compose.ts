/** Gives every actor its work: connects the run machine with the world. */
import { join } from 'node:path'
import { fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { Policy } from '../../actors/engine-setup.ts'
import { evaluatorMachine } from '../../actors/evaluator.ts'
import { executorMachine } from '../../actors/executor.ts'
import { createCrew, ItemError } from '../../actors/items.ts'
import type { FailureSource, FromEvaluator, ItemFailed, ToTrainer } from '../../actors/messages.ts'
import { proposerMachine } from '../../actors/proposer.ts'
import { runMachine } from '../../actors/run.ts'
import { solverMachine } from '../../actors/solver.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import {
  type AzrError,
  EngineGone,
  LearnerGone,
  MemoMismatch,
  PluginFailed,
  ReplayDiffers,
  SandboxGone,
  StoreFailed,
  told,
  WorkerGone,
} from '../../domain/errors.ts'
import type { Reading, Store } from '../../state/types.ts'
import type { Config } from '../config/config.ts'
import { python, trainerFolder } from '../config/paths.ts'
import { startEngine } from '../engine/start.ts'
import type { EngineServer } from '../engine/types.ts'
import { startLearner } from '../learner/learner.ts'
import { learnerOf } from '../learner/settings.ts'
import type { Flow, FlowPorts } from './flow.ts'
import { carryOut, type TrainerPorts } from './work/carry-out.ts'
import { type AttemptPorts, attemptItem, type GradeItemPorts, gradeItem } from './work/evaluate.ts'
import { type Held, hold } from './work/held.ts'
import { scoreSuites } from './work/scores.ts'

/** Version of an engine that has loaded nothing yet. */
export const unloaded = -1

function sourceOf(error: unknown): FailureSource {
  if (error instanceof EngineGone) return 'engine'
  if (error instanceof LearnerGone) return 'learner'
  if (error instanceof SandboxGone) return 'sandbox'
  const fatal = [MemoMismatch, PluginFailed, ReplayDiffers, StoreFailed, WorkerGone]
  return fatal.some(known => error instanceof known) ? 'fatal' : 'other'
}

type Command = ItemFailed['command']

/** The ports that items need. `served` gives the version of the policy that the engine serves. */
export type ItemPorts = FlowPorts &
  AttemptPorts &
  GradeItemPorts & { served: () => number; store: Reading<'verdicts'> }

/** Does the work of one item. An error carries its command, so that it can be retried. */
function crewOf(ports: ItemPorts, flow: Flow) {
  const carry = async (command: Command, signal: AbortSignal): Promise<{ type: string }> => {
    const version = ports.served()
    switch (command.type) {
      case 'task.propose':
        return flow.propose(command.order, version, signal)
      case 'task.solve':
        return flow.answer(command.order, version, signal)
      case 'proposal.check':
        return flow.check(command.order, signal)
      case 'answer.check':
        return flow.grade(command.order, signal)
      case 'item.attempt':
        return attemptItem(ports, command.order, version, signal)
      case 'item.check':
        return gradeItem(ports, command.order, signal)
      case 'suites.score': {
        const { step, version } = command.order
        const due = await ports.evaluationsDue(step)
        const orders = due.find(one => one.version === version)?.orders ?? []
        await scoreSuites(ports.store, { step, version }, orders)
        const scored: FromEvaluator = { type: 'suites.scored', order: command.order }
        return scored
      }
    }
  }
  return createCrew((command, signal) =>
    carry(command, signal).catch(error => {
      throw new ItemError(command, sourceOf(error), told(error), error)
    }),
  )
}

/** The living children, with what is known about each. */
export type Services = {
  engine: { server: EngineServer; version: number } | null
  learner: Held | null
}

/** Called for every item, so the error is only created when it is thrown. */
function need<T>(service: T | null, gone: () => AzrError): T {
  if (service === null) throw gone()
  return service
}

/** Gives work its access to the children. */
export function reach(services: Services) {
  return {
    engine: () =>
      need(services.engine, () => new EngineGone('engine-not-ready', 'The engine is being started'))
        .server,
    held: () =>
      need(
        services.learner,
        () => new LearnerGone('learner-not-ready', 'The learner is being started'),
      ),
    served: () => services.engine?.version ?? unloaded,
  }
}

type ChildPorts = {
  config: Config
  store: Pick<Store, 'folder' | 'event'>
  /** The model's folder, absolute. */
  model: string
  /** The folder for the children's caches. */
  cacheDir: string
}

type EngineChild = ChildPorts & { onProgress: (what: string) => void }

export function engineOf(ports: EngineChild, services: Services) {
  const { config, store, model, cacheDir, onProgress } = ports
  const { folder } = store
  const server = reach(services).engine
  const stop = async () => {
    await services.engine?.server.stop()
    services.engine = null
  }
  const load = async (policy: Policy | null, signal: AbortSignal) => {
    if (!policy) return
    const { version, path } = policy
    const { engine } = services
    await server().load(join(folder, path), version, signal)
    if (engine) engine.version = version
  }
  const onLoss = (url: string, why: string) => {
    void store.event('endpoint.lost', { url, why }).catch(() => {})
  }
  return engineMachine.provide({
    actors: {
      startEngine: fromPromise(async ({ input: { restarts, error }, signal }) => {
        await stop()
        if (restarts > 0) await store.event('engine.restarted', { restarts, error })
        const options = { config, model, folder, cacheDir, onProgress, onLoss }
        services.engine = { server: await startEngine(options, signal), version: unloaded }
      }),
      warmEngine: fromPromise(async ({ input: policy, signal }) => {
        await server().warm(signal)
        await load(policy, signal)
      }),
      watchEngine: fromPromise(() => server().gone),
      drainEngine: fromPromise(({ signal }) => server().drain(signal)),
      loadPolicy: fromPromise(({ input: policy, signal }) => load(policy, signal)),
      sleepEngine: fromPromise(({ signal }) => server().sleep(signal)),
      stopEngine: fromPromise(stop),
    },
  })
}

export function trainerOf(ports: ChildPorts & TrainerPorts, services: Services, flow: Flow) {
  const { config, store, model, cacheDir } = ports
  const options = {
    python,
    pythonPath: trainerFolder,
    cacheDir,
    ...learnerOf(config, model),
    logPath: join(store.folder, 'logs', 'learner.log'),
  }
  return trainerMachine.provide({
    actors: {
      startLearner: fromPromise(async ({ input: { restarts, error }, signal }) => {
        await services.learner?.learner.stop()
        services.learner = null
        if (restarts > 0) await store.event('learner.restarted', { restarts, error })
        const learner = await startLearner(options, signal)
        services.learner = hold(learner)
        await store.event('learner.ready', await learner.hello())
      }),
      watchLearner: fromPromise(() => reach(services).held().learner.gone),
      carryOut: fromPromise(
        ({ input: command, signal }: { input: ToTrainer; signal: AbortSignal }) =>
          flow.timed(carryOut(ports, { command, batch: flow.batch() }, signal)),
      ),
    },
  })
}

type Parts = {
  ports: ItemPorts
  flow: Flow
  engine: typeof engineMachine
  trainer: typeof trainerMachine
}

/** Makes the run machine for a world. */
export function machineOf({ ports, flow, engine, trainer }: Parts) {
  const crew = crewOf(ports, flow)
  const at = <In, Out>(act: (input: In) => Promise<Out>) =>
    fromPromise<Out, In>(({ input }) => act(input))
  return runMachine.provide({
    actors: {
      proposer: proposerMachine.provide({ actors: { crew } }),
      solver: solverMachine.provide({ actors: { crew } }),
      executor: executorMachine.provide({ actors: { crew } }),
      evaluator: evaluatorMachine.provide({ actors: { crew } }),
      trainer,
      engine,
      locateRun: fromPromise(flow.locate),
      planStep: at(flow.plan),
      settleKind: at(flow.settle),
      gradeStep: fromPromise(flow.gradeStep),
      planEvaluation: at(flow.evaluate),
      closeStep: at(flow.close),
    },
  })
}
