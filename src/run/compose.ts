/** Gives every actor its work: the run machine with the world plugged in. */
import { join } from 'node:path'
import { fromPromise } from 'xstate'
import { engineMachine } from '../../actors/engine.ts'
import type { Policy } from '../../actors/engine-setup.ts'
import { evaluatorMachine } from '../../actors/evaluator.ts'
import { executorMachine } from '../../actors/executor.ts'
import { ItemError } from '../../actors/items.ts'
import type { FailureSource, ItemFailed, ToTrainer } from '../../actors/messages.ts'
import { proposerMachine } from '../../actors/proposer.ts'
import { runMachine } from '../../actors/run.ts'
import type { Place } from '../../actors/run-context.ts'
import { solverMachine } from '../../actors/solver.ts'
import { trainerMachine } from '../../actors/trainer.ts'
import {
  EngineGone,
  explain,
  LearnerGone,
  MemoMismatch,
  PluginFailed,
  ReplayDiffers,
  SandboxGone,
  StoreFailed,
  WorkerGone,
} from '../../domain/errors.ts'
import type { Kind } from '../../domain/task.ts'
import { python, trainerFolder } from '../config/paths.ts'
import { startEngine } from '../engine/start.ts'
import type { EngineServer, Learner } from '../engine/types.ts'
import { startLearner } from '../learner/learner.ts'
import { learnerOf } from '../learner/settings.ts'
import { draftAnswer, gradeAnswer } from './work/answer.ts'
import { carryOut } from './work/carry-out.ts'
import { closeStep } from './work/close.ts'
import { attemptItem, gradeItem, planEvaluation, scoreSuites } from './work/evaluate.ts'
import { locateRun, planStep } from './work/plan.ts'
import type { Ports } from './work/ports.ts'
import { checkProposal, draftProposal } from './work/propose.ts'
import { scoreStep } from './work/score.ts'
import { settleKind } from './work/settle.ts'

/** Version of an engine that has loaded nothing from us yet. */
export const unloaded = -1

function sourceOf(error: unknown): FailureSource {
  if (error instanceof EngineGone) return 'engine'
  if (error instanceof LearnerGone) return 'learner'
  if (error instanceof SandboxGone) return 'sandbox'
  const fatal = [MemoMismatch, PluginFailed, ReplayDiffers, StoreFailed, WorkerGone]
  return fatal.some(known => error instanceof known) ? 'fatal' : 'other'
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

export type Services = { engine: EngineServer | null; learner: Learner | null }

function engineWork(ports: Ports, services: Services, cacheDir: string) {
  const { store } = ports
  const stop = async () => {
    await services.engine?.stop()
    services.engine = null
    ports.policy = { version: unloaded }
  }
  const load = async (policy: Policy | null, signal: AbortSignal) => {
    if (!policy) return
    await ports.engine().load(join(store.folder, policy.path), policy.version, signal)
    ports.policy = { version: policy.version }
  }
  return engineMachine.provide({
    actors: {
      startEngine: fromPromise(async ({ input: { restarts, error }, signal }) => {
        await stop()
        if (restarts > 0) await store.event('engine.restarted', { restarts, error })
        services.engine = await startEngine(ports, cacheDir, signal)
      }),
      warmEngine: fromPromise(async ({ input: policy, signal }) => {
        await ports.engine().warm(signal)
        await load(policy, signal)
      }),
      watchEngine: fromPromise(() => ports.engine().gone),
      drainEngine: fromPromise(({ signal }) => ports.engine().drain(signal)),
      loadPolicy: fromPromise(({ input: policy, signal }) => load(policy, signal)),
      sleepEngine: fromPromise(({ signal }) => ports.engine().sleep(signal)),
      stopEngine: fromPromise(stop),
    },
  })
}

function trainerWork(ports: Ports, services: Services, cacheDir: string) {
  const { config, store } = ports
  const options = {
    python,
    pythonPath: trainerFolder,
    cacheDir,
    ...learnerOf(config, ports.model),
    logPath: join(store.folder, 'logs', 'learner.log'),
  }
  return trainerMachine.provide({
    actors: {
      startLearner: fromPromise(async ({ input: { restarts, error }, signal }) => {
        await services.learner?.stop()
        services.learner = null
        ports.held = null
        ports.fits = null
        if (restarts > 0) await store.event('learner.restarted', { restarts, error })
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

export function machineOf(ports: Ports, services: Services, cacheDir: string) {
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
