/**
 * Declares the `run` machine: the work it needs, its guards and actions. Its context is in
 * run-context.ts, its states are in run.ts.
 */
import { assign, enqueueActions, fromPromise, sendTo, setup, spawnChild, stopChild } from 'xstate'
import { told } from '../domain/errors.ts'
import type { Kind } from '../domain/task.ts'
import { children } from './children.ts'
import type {
  FromExecutor,
  ItemFailed,
  SampleOrder,
  ToEngine,
  ToEvaluator,
  ToTrainer,
} from './messages.ts'
import * as queues from './queue.ts'
import {
  type Closed,
  type Done,
  describeStall,
  type Evaluation,
  estimates,
  type Failed,
  type Located,
  type Place,
  type Plan,
  pulseOf,
  type RunContext,
  type RunEvent,
  type RunInput,
  type Settled,
} from './run-context.ts'

const checkMs = 1000
/** One attempt per check: enough for a server whose death takes half a minute to notice. */
const attemptsADeath = 30
const missing = () => Promise.reject(new Error('run has no work'))

function command({ to, order }: SampleOrder) {
  const type = { proposer: 'task.propose', solver: 'task.solve', evaluator: 'item.attempt' }[to]
  return { type, order } as ItemFailed['command']
}

export const runSetup = setup({
  types: {
    context: {} as RunContext,
    input: {} as RunInput,
    events: {} as RunEvent,
  },
  actors: {
    ...children,
    /**
     * Finds where a run continues: step 0 for a new run, the first unfinished step for a resumed
     * one.
     */
    locateRun: fromPromise<Located, void>(missing),
    planStep: fromPromise<Plan, Place>(missing),
    /**
     * Runs when all proposals of a kind have a verdict: inserts their tasks, draws the solver's.
     */
    settleKind: fromPromise<Settled, Place & { kind: Kind }>(missing),
    gradeStep: fromPromise<void, Place>(missing),
    planEvaluation: fromPromise<Evaluation, Place>(missing),
    closeStep: fromPromise<Closed, Place>(missing),
  },
  delays: { stall: ({ context }) => context.stallMs },
  guards: {
    areChildrenReady: ({ context }) => context.isEngineReady && context.isTrainerReady,
    isAlreadyDone: ({ event }) => ((event as Done).output as Located).done,
    isVersion: ({ context, event }) =>
      event.type === 'policy.loaded' && event.version === context.version,
    isWithinTolerance: ({ event }) => event.type === 'policy.probed' && event.passed,
    mayReload: ({ context }) => context.reloads === 0,
    isSharing: ({ context }) => context.sleeps,
    isOfAnother: ({ context, event }) =>
      ((event as Done).output as Evaluation).version !== context.version,
    hasOrders: ({ event }) => ((event as Done).output as Plan).orders.length > 0,
    isSeeded: ({ context, event }) =>
      context.step === 0 && ((event as Done).output as Plan).orders.length === 0,
    isSeedingRound: ({ context }) => context.step === 0 && queues.isComplete(context.queue),
    isComplete: ({ context }) => queues.isComplete(context.queue),
    isDrained: ({ context }) => queues.isDrained(context.queue),
    isStill: ({ context }) => pulseOf(context).every((value, i) => value === context.pulse[i]),
    isToStop: ({ event }) => ((event as Done).output as Closed).next === 'stop',
    isToPause: ({ event }) => ((event as Done).output as Closed).next === 'pause',
    isLastStep: ({ context }) => context.step >= context.steps,
    holdsAnother: ({ context }) => context.version !== context.step,
    mayRetry: ({ context, event }) => {
      const { source, command } = event as ItemFailed
      if (source === 'fatal' || command.type === 'suites.score') return false
      // A failure of the engine does not count as an attempt of the item. It is still limited.
      const more = source === 'engine' ? attemptsADeath * (context.maxRestarts + 1) : 0
      return command.order.attempt + 1 < context.maxAttempts + more
    },
  },
  actions: {
    noteTrainer: assign({ isTrainerReady: true }),
    noteEngine: assign({ isEngineReady: true }),
    noteLoss: assign({ isEngineReady: false }),
    noteError: assign({ error: ({ event }) => told((event as Failed).error) }),
    noteItem: assign({
      error: ({ event }) => {
        const { command, error } = event as ItemFailed
        return `Cannot finish ${command.type} of ${command.order.id}: ${error}`
      },
    }),
    noteActor: assign({
      error: ({ event }) => {
        if (event.type !== 'actor.failed') return ''
        return `Cannot continue as the ${event.actor} failed: ${event.error}`
      },
    }),
    noteCollapse: assign({
      error: ({ event }) =>
        'Cannot continue a run that collapses (health.onCollapse): ' +
        `${((event as Done).output as Closed).why}`,
    }),
    noteStall: assign({ error: ({ context }) => describeStall(context) }),
    noteParity: assign({
      error: ({ context, event }) =>
        event.type === 'policy.probed'
          ? `Cannot trust policy ${context.version}: ${event.measured}. Most likely ${event.suspect}`
          : '',
    }),
    notePulse: assign({ pulse: ({ context }) => pulseOf(context) }),
    hold: assign({ isHeld: true }),
    unhold: assign({ isHeld: false }),
    takePlace: assign(({ event }) => {
      const { step, round, version } = (event as Done).output as Located
      return { step, round, version }
    }),
    takePlan: assign(({ context, event }) => {
      const { orders } = (event as Done).output as Plan
      return { queue: queues.openQueue(orders, context.kinds), round: context.round }
    }),
    takePath: assign(({ event }) => (event.type === 'policy.exported' ? { path: event.path } : {})),
    takeVersion: assign({ version: ({ context }) => context.step }),
    takeAnother: assign({ version: ({ event }) => ((event as Done).output as Evaluation).version }),
    nextRound: assign({ round: ({ context }) => context.round + 1 }),
    nextStep: assign({ step: ({ context }) => context.step + 1, round: 0 }),
    countReload: assign({ reloads: ({ context }) => context.reloads + 1 }),
    clearReload: assign({ reloads: 0 }),
    toCheck: assign(({ context, event }) => {
      const type = {
        'proposal.drafted': 'proposal.check',
        'answer.drafted': 'answer.check',
        'item.attempted': 'item.check',
      }[event.type as 'proposal.drafted']
      const { order } = event as { order: unknown }
      const check = { type, order } as Parameters<typeof queues.toCheck>[1]
      return { queue: queues.toCheck(context.queue, check) }
    }),
    closeProposal: assign(({ context, event }) => {
      const { order, wording } = event as Extract<FromExecutor, { type: 'task.validated' }>
      const wanted = estimates(context, order.kind, wording)
      return { queue: queues.closeProposal(context.queue, order.kind, wording, wanted) }
    }),
    freeCheck: assign(({ context }) => ({ queue: queues.freeCheck(context.queue) })),
    retry: assign(({ context, event }) => ({
      queue: queues.again(context.queue, event as ItemFailed),
      isEngineReady: context.isEngineReady && (event as ItemFailed).source !== 'engine',
    })),
    /**
     * A request can fail while its server lives. The check finds out whether the server is dead,
     * which is then restarted. Of several failed requests only the first asks, while the engine
     * still counts as ready.
     */
    askWhetherAlive: enqueueActions(({ context, event, enqueue }) => {
      if ((event as ItemFailed).source !== 'engine' || !context.isEngineReady) return
      enqueue.sendTo('engine', { type: 'engine.check' } satisfies ToEngine, { delay: checkMs })
    }),
    dispatch: enqueueActions(({ context, enqueue }) => {
      // A check may ask the engine for the length of a prompt, so it needs a running engine.
      const check = context.isEngineReady
      const sample = check && !context.isHeld
      const taken = queues.take(context.queue, context.credits, { sample, check })
      if (taken.samples.length + taken.checks.length === 0) return
      enqueue.assign({ queue: taken.queue })
      for (const sample of taken.samples) enqueue.sendTo(sample.to, command(sample))
      for (const check of taken.checks) enqueue.sendTo('executor', check)
    }),
    settle: enqueueActions(({ context, enqueue }) => {
      const { step, round, version } = context
      const ready = queues.kindsToSettle(context.queue)
      if (ready.length === 0) return
      const settling = context.queue.settling.concat(ready)
      enqueue.assign({ queue: { ...context.queue, settling } })
      for (const kind of ready) {
        const input = { step, round, version, kind }
        enqueue(spawnChild('settleKind', { id: `settle.${step}.${round}.${kind}`, input }))
      }
    }),
    takeSettled: assign(({ context, event }) => {
      const { kind, orders } = (event as Done).output as Settled
      const settled = context.queue.settled.concat(kind)
      return { queue: queues.addSamples({ ...context.queue, settled }, orders) }
    }),
    reap: stopChild(({ event }) => (event as Done).actorId),
    askEngine: sendTo('engine', ({ context }) => {
      return {
        type: 'policy.load',
        version: context.version,
        path: context.path,
      } satisfies ToEngine
    }),
    orderExport: sendTo('trainer', ({ context }) => {
      return { type: 'policy.export', version: context.version } satisfies ToTrainer
    }),
    orderProbe: sendTo('trainer', ({ context }) => {
      return { type: 'policy.probe', version: context.version } satisfies ToTrainer
    }),
    orderSleep: sendTo('engine', { type: 'engine.sleep' } satisfies ToEngine),
    orderUpdate: sendTo('trainer', ({ context }) => {
      return { type: 'policy.update', step: context.step } satisfies ToTrainer
    }),
    orderSave: sendTo('trainer', ({ context }) => {
      return { type: 'policy.save', step: context.step } satisfies ToTrainer
    }),
    orderScores: sendTo('evaluator', ({ context }) => {
      const { step, version } = context
      const order = { id: `${step}@${version}`, attempt: 0, step, version }
      return { type: 'suites.score', order } satisfies ToEvaluator
    }),
  },
})
