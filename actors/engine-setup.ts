/** Declares the `engine` machine: its context, the work it needs, its guards and actions. */
import { assign, fromPromise, sendParent, setup } from 'xstate'
import { told } from '../domain/errors.ts'
import type { ActorFailed, FromEngine, ToEngine } from './messages.ts'

export type EngineInput = { deadlineMs: number; startMs: number; maxRestarts: number }
export type Policy = { version: number; path: string }
export type EngineContext = EngineInput & {
  /** The loaded policy, or the one that is being loaded. */
  policy: Policy | null
  restarts: number
  error: string
  /** A sleep order arrived before the engine was serving. It sleeps as soon as it serves. */
  isSleepDue: boolean
}
type Failed = { type: `xstate.error.actor.${string}`; error: unknown }

const missing = () => Promise.reject(new Error('engine has no work'))

export const engineSetup = setup({
  types: {
    context: {} as EngineContext,
    input: {} as EngineInput,
    events: {} as ToEngine | Failed,
  },
  actors: {
    /** Resolves when a server listens. */
    startEngine: fromPromise<void, { restarts: number; error: string }>(missing),
    /** Resolves when the engine has answered once, and serves the policy if there is one. */
    warmEngine: fromPromise<void, Policy | null>(missing),
    /** Rejects when the server dies or hangs; never resolves. */
    watchEngine: fromPromise<never, void>(missing),
    drainEngine: fromPromise<void, void>(missing),
    loadPolicy: fromPromise<void, Policy | null>(missing),
    sleepEngine: fromPromise<void, void>(missing),
    /** Resolves when no server is left. */
    stopEngine: fromPromise<void, void>(missing),
  },
  delays: {
    start: ({ context }) => context.startMs,
    deadline: ({ context }) => context.deadlineMs,
  },
  guards: {
    isSpent: ({ context }) => context.restarts >= context.maxRestarts,
    isSleepDue: ({ context }) => context.isSleepDue,
  },
  actions: {
    takePolicy: assign({
      policy: ({ event, context }) => {
        if (event.type !== 'policy.load') return context.policy
        return { version: event.version, path: event.path }
      },
    }),
    oweSleep: assign({ isSleepDue: true }),
    paySleep: assign({ isSleepDue: false }),
    countRestart: assign({ restarts: ({ context }) => context.restarts + 1 }),
    noteError: assign({ error: ({ event }) => told((event as Failed).error) }),
    noteStartDeadline: assign({ error: 'engine was not ready before its start deadline' }),
    noteLate: assign({
      error: (_, { state }: { state: string }) => `engine waited too long for ${state}`,
    }),
    announce: sendParent({ type: 'engine.ready' } satisfies FromEngine),
    announceLoss: sendParent(({ context }) => {
      return { type: 'engine.lost', error: context.error } satisfies FromEngine
    }),
    announceLoad: sendParent(({ context }) => {
      return { type: 'policy.loaded', version: context.policy?.version ?? -1 } satisfies FromEngine
    }),
    announceSleep: sendParent({ type: 'engine.slept' } satisfies FromEngine),
    giveUp: sendParent(({ context }) => {
      const { error } = context
      return { type: 'actor.failed', actor: 'engine', error } satisfies ActorFailed
    }),
  },
})
