/**
 * Owns the engine server: starts it, loads policies into it, notices its death and starts it again
 * with the current policy, a bounded number of times. Sampling itself does not pass through here.
 */
import { assign, fromPromise, sendParent, setup } from 'xstate'
import { explain } from '../src/errors.ts'
import type { ActorFailed, FromEngine, ToEngine } from './messages.ts'

export type EngineInput = { deadlineMs: number; startMs: number; maxRestarts: number }
export type Policy = { version: number; path: string }
type Context = EngineInput & {
  /** What is loaded, or is being loaded. */
  policy: Policy | null
  restarts: number
  error: string
}
type Failed = { type: `xstate.error.actor.${string}`; error: unknown }

const missing = () => Promise.reject(new Error('engine has no work'))

export const engineMachine = setup({
  types: {
    context: {} as Context,
    input: {} as EngineInput,
    events: {} as ToEngine | Failed,
  },
  actors: {
    /** Starts a server that serves `policy`, or the model of the config. */
    startEngine: fromPromise<void, { policy: Policy | null; restarts: number }>(missing),
    /** Rejects when the server dies; never resolves. */
    watchEngine: fromPromise<never, void>(missing),
    loadPolicy: fromPromise<void, Policy>(missing),
  },
  delays: {
    start: ({ context }) => context.startMs,
    deadline: ({ context }) => context.deadlineMs,
  },
  guards: {
    isSpent: ({ context }) => context.restarts >= context.maxRestarts,
  },
  actions: {
    takePolicy: assign({
      policy: ({ event }) => {
        const { version, path } = event as ToEngine
        return { version, path }
      },
    }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
    noteError: assign({ error: ({ event }) => explain((event as Failed).error) }),
    noteStartDeadline: assign({ error: 'engine was not ready before its start deadline' }),
    noteDeadline: assign({
      error: ({ context }) => `engine did not load policy ${context.policy?.version} in time`,
    }),
    announce: sendParent({ type: 'engine.ready' } satisfies FromEngine),
    announceLoss: sendParent(({ context }) => {
      return { type: 'engine.lost', error: context.error } satisfies FromEngine
    }),
    announceLoad: sendParent(({ context }) => {
      return { type: 'policy.loaded', version: context.policy?.version ?? -1 } satisfies FromEngine
    }),
    giveUp: sendParent(({ context }) => {
      const { error } = context
      return { type: 'actor.failed', actor: 'engine', error } satisfies ActorFailed
    }),
  },
}).createMachine({
  id: 'engine',
  context: ({ input }) => ({ ...input, policy: null, restarts: 0, error: '' }),
  initial: 'starting',
  states: {
    starting: {
      invoke: {
        src: 'startEngine',
        input: ({ context }) => ({ policy: context.policy, restarts: context.restarts }),
        onDone: { target: 'serving', actions: ['announce', 'announceLoad'] },
        onError: { target: 'restarting', actions: 'noteError' },
      },
      on: { 'policy.load': { target: 'starting', reenter: true, actions: 'takePolicy' } },
      after: { start: { target: 'failed', actions: 'noteStartDeadline' } },
    },
    serving: {
      invoke: { src: 'watchEngine', onError: { target: 'restarting', actions: 'noteError' } },
      on: { 'policy.load': { target: 'loading', actions: 'takePolicy' } },
    },
    loading: {
      invoke: {
        src: 'loadPolicy',
        input: ({ context }) => context.policy as Policy,
        onDone: { target: 'serving', actions: 'announceLoad' },
        // A load that failed leaves the server in doubt: only a fresh one is trusted with it.
        onError: { target: 'restarting', actions: 'noteError' },
      },
      after: { deadline: { target: 'failed', actions: 'noteDeadline' } },
    },
    restarting: {
      entry: 'announceLoss',
      always: [
        { guard: 'isSpent', target: 'failed' },
        { target: 'starting', actions: 'countRestart' },
      ],
    },
    failed: { entry: 'giveUp' },
  },
})
