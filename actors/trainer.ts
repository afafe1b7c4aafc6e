/**
 * Owns the learner: starts it, gives it one command at a time, and restarts it after a death, a
 * limited number of times. It does not restore weights: the work does, from the redo log.
 */
import { assign, fromPromise, sendParent, setup } from 'xstate'
import { told } from '../domain/errors.ts'
import type { ActorFailed, FromTrainer, ToTrainer } from './messages.ts'

export type TrainerInput = { deadlineMs: number; startMs: number; maxRestarts: number }
type Context = TrainerInput & { command: ToTrainer | null; restarts: number; error: string }
type Failed = { type: `xstate.error.actor.${string}`; error: unknown }

const missing = () => Promise.reject(new Error('trainer has no work'))

export const trainerMachine = setup({
  types: {
    context: {} as Context,
    input: {} as TrainerInput,
    events: {} as ToTrainer | Failed,
  },
  actors: {
    /** Resolves when the learner answers. */
    startLearner: fromPromise<void, { restarts: number; error: string }>(missing),
    /** Rejects when the learner dies; never resolves. */
    watchLearner: fromPromise<never, void>(missing),
    carryOut: fromPromise<FromTrainer, ToTrainer>(missing),
  },
  delays: {
    start: ({ context }) => context.startMs,
    deadline: ({ context }) => context.deadlineMs,
  },
  guards: {
    hasCommand: ({ context }) => context.command !== null,
    isSpent: ({ context }) => context.restarts >= context.maxRestarts,
    isDeath: ({ event }) =>
      (event as Failed).error instanceof Error &&
      ((event as Failed).error as Error).name === 'LearnerGone',
  },
  actions: {
    takeCommand: assign({ command: ({ event }) => event as ToTrainer }),
    dropCommand: assign({ command: null }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
    noteError: assign({ error: ({ event }) => told((event as Failed).error) }),
    noteStartDeadline: assign({ error: 'learner did not answer before its start deadline' }),
    noteDeadline: assign({
      error: ({ context: { command, deadlineMs } }) =>
        `learner did not answer ${command?.type} within ${deadlineMs / 1000} s, which ` +
        'includes repeating the updates after the last checkpoint: raise ' +
        'deadlines.serviceSeconds',
    }),
    announce: sendParent({ type: 'trainer.ready' } satisfies FromTrainer),
    answer: sendParent(({ event }) => (event as unknown as { output: FromTrainer }).output),
    giveUp: sendParent(({ context }) => {
      const { error } = context
      return { type: 'actor.failed', actor: 'trainer', error } satisfies ActorFailed
    }),
  },
}).createMachine({
  id: 'trainer',
  context: ({ input }) => ({ ...input, command: null, restarts: 0, error: '' }),
  initial: 'starting',
  on: {
    'policy.*': { actions: 'takeCommand' },
  },
  states: {
    starting: {
      invoke: {
        src: 'startLearner',
        input: ({ context: { restarts, error } }) => ({ restarts, error }),
        onDone: [
          { guard: 'hasCommand', target: 'working' },
          { target: 'idle', actions: 'announce' },
        ],
        onError: { target: 'restarting', actions: 'noteError' },
      },
      after: { start: { target: 'failed', actions: 'noteStartDeadline' } },
    },
    idle: {
      invoke: { src: 'watchLearner', onError: { target: 'restarting', actions: 'noteError' } },
      on: { 'policy.*': { target: 'working', actions: 'takeCommand' } },
    },
    working: {
      invoke: {
        src: 'carryOut',
        input: ({ context }) => context.command as ToTrainer,
        onDone: { target: 'idle', actions: ['answer', 'dropCommand'] },
        onError: [
          { guard: 'isDeath', target: 'restarting', actions: 'noteError' },
          { target: 'failed', actions: 'noteError' },
        ],
      },
      after: { deadline: { target: 'failed', actions: 'noteDeadline' } },
    },
    restarting: {
      always: [
        { guard: 'isSpent', target: 'failed' },
        { target: 'starting', actions: 'countRestart' },
      ],
    },
    failed: { entry: 'giveUp' },
  },
})
