/**
 * Owns the engine: starts it, loads policies, and lets it sleep while the learner has the card. It
 * notices the engine's death and restarts it with the current policy, a limited number of times.
 * Sampling does not pass through here.
 *
 * state      waits for                                     at most
 * starting   a server that listens                         start
 * warming    one completion, then the policy               deadline
 * serving    the next order, or the server's death         (the watch has the tokens' deadline)
 * draining   the requests in flight to end                 deadline
 * updating   weights, prefix cache, resuming               deadline
 * dozing     the requests in flight, then sleep            deadline
 * asleep     the next policy                               (the learner's own deadlines)
 * stopping   the server's end: it cannot sleep             deadline
 * stopped    the next policy                               (the learner's own deadlines)
 */
import { engineSetup } from './engine-setup.ts'

const restart = { target: 'restarting', actions: 'noteError' } as const
const late = <Next extends string>(state: string, target: Next) =>
  ({
    deadline: { target, actions: { type: 'noteLate', params: { state } } },
  }) as const
/**
 * The engine announces itself when it serves. A learner that asked it to sleep waits until it has.
 */
const notYet = { 'engine.check': {}, 'engine.sleep': { actions: 'oweSleep' } } as const
/** While the engine sleeps the learner has the card: start nothing until the next policy. */
const stop = { target: 'stopping', actions: 'noteError' } as const
const startAgain = {
  'policy.load': { target: 'restarting', actions: 'takePolicy' },
} as const
const takeLoad = { actions: 'takePolicy' } as const

export const engineMachine = engineSetup.createMachine({
  id: 'engine',
  context: ({ input }) => ({ ...input, policy: null, restarts: 0, error: '', isSleepDue: false }),
  initial: 'starting',
  // A request failed and the server is alive: requests that wait for the engine may continue.
  on: { 'engine.check': { actions: 'announce' } },
  states: {
    starting: {
      invoke: {
        src: 'startEngine',
        input: ({ context: { restarts, error } }) => ({ restarts, error }),
        onDone: 'warming',
        onError: restart,
      },
      on: { ...notYet, 'policy.load': takeLoad },
      after: { start: { target: 'failed', actions: 'noteStartDeadline' } },
    },
    warming: {
      invoke: {
        src: 'warmEngine',
        input: ({ context }) => context.policy,
        onDone: [
          { guard: 'isSleepDue', target: 'dozing' },
          { target: 'serving', actions: ['announce', 'announceLoad'] },
        ],
        onError: restart,
      },
      on: {
        'policy.load': { target: 'warming', reenter: true, actions: 'takePolicy' },
        ...notYet,
      },
      after: late('its first completion', 'restarting'),
    },
    serving: {
      invoke: { src: 'watchEngine', onError: restart },
      on: {
        'policy.load': { target: 'draining', actions: 'takePolicy' },
        'engine.sleep': 'dozing',
      },
    },
    draining: {
      invoke: [
        { src: 'drainEngine', onDone: 'updating', onError: restart },
        { src: 'watchEngine', onError: restart },
      ],
      after: late('the requests in flight', 'restarting'),
    },
    updating: {
      invoke: [
        {
          src: 'loadPolicy',
          input: ({ context }) => context.policy,
          onDone: { target: 'serving', actions: 'announceLoad' },
          // After a failed load the server may hold mixed weights, so it is replaced by a fresh
          // one.
          onError: restart,
        },
        { src: 'watchEngine', onError: restart },
      ],
      after: late('its weights', 'restarting'),
    },
    dozing: {
      entry: 'paySleep',
      invoke: {
        src: 'sleepEngine',
        onDone: { target: 'asleep', actions: 'announceSleep' },
        onError: stop,
      },
      after: late('its sleep', 'stopping'),
    },
    asleep: {
      invoke: { src: 'watchEngine', onError: stop },
      on: { 'policy.load': { target: 'updating', actions: 'takePolicy' } },
    },
    stopping: {
      invoke: {
        src: 'stopEngine',
        onDone: { target: 'stopped', actions: 'announceSleep' },
        onError: { target: 'failed', actions: 'noteError' },
      },
      on: startAgain,
      after: late('its end', 'failed'),
    },
    stopped: {
      on: startAgain,
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
