/**
 * The supervisor. It walks one run through its steps, keeps the queues, hands out credits and holds
 * the barriers (seeded, validated, graded, evaluated, loaded). It does not know the database:
 * src/run/compose.ts provides plans and totals as work. Guards and actions are in run-setup.ts.
 */
import { raise } from 'xstate'
import { initialContext, type RunContext } from './run-context.ts'
import { runSetup } from './run-setup.ts'

const place = ({ context: { step, round, version } }: { context: RunContext }) => {
  return { step, round, version }
}
const items = ({ context }: { context: RunContext }) => ({ deadlineMs: context.itemMs })
const service = ({ context }: { context: RunContext }) => {
  const { serviceMs: deadlineMs, startMs, maxRestarts } = context
  return { deadlineMs, startMs, maxRestarts }
}
const failed = { target: '#failed', actions: 'noteError' } as const

/** Brings the engine to `version`: the learner exports, the engine loads, both are compared. */
const load = <Next extends string>(next: Next, initial: 'exporting' | 'probing' = 'exporting') =>
  ({
    initial,
    states: {
      exporting: {
        entry: 'orderExport',
        on: { 'policy.exported': { target: 'loading', actions: 'takePath' } },
      },
      loading: {
        entry: 'askEngine',
        on: { 'policy.loaded': { guard: 'isVersion', target: 'probing' } },
      },
      probing: {
        entry: 'orderProbe',
        on: {
          'policy.probed': [
            { guard: 'isWithinTolerance', target: next, actions: 'clearReload' },
            { guard: 'mayReload', target: 'loading', actions: 'countReload' },
            { target: '#failed', actions: 'noteParity' },
          ],
        },
      },
    },
  }) as const

export const runMachine = runSetup.createMachine({
  id: 'run',
  context: ({ input }) => initialContext(input),
  type: 'parallel',
  invoke: [
    { id: 'proposer', src: 'proposer', input: items },
    { id: 'solver', src: 'solver', input: items },
    { id: 'executor', src: 'executor', input: items },
    { id: 'evaluator', src: 'evaluator', input: items },
    { id: 'trainer', src: 'trainer', input: service },
    { id: 'engine', src: 'engine', input: service },
  ],
  states: {
    step: {
      initial: 'starting',
      on: {
        'trainer.ready': { actions: 'noteTrainer' },
        'engine.ready': { actions: ['noteEngine', 'dispatch'] },
        'engine.lost': { actions: 'noteLoss' },
        'proposal.drafted': { actions: ['toCheck', 'dispatch'] },
        'answer.drafted': { actions: ['toCheck', 'dispatch'] },
        'item.attempted': { actions: ['toCheck', 'dispatch'] },
        'task.validated': { actions: ['closeProposal', 'dispatch', 'settle'] },
        'answer.graded': { actions: ['freeCheck', 'dispatch'] },
        'item.graded': { actions: ['freeCheck', 'dispatch'] },
        'item.failed': [
          { guard: 'mayRetry', actions: ['askWhetherAlive', 'retry', 'dispatch'] },
          { target: '#failed', actions: 'noteItem' },
        ],
        'xstate.done.actor.settle.*': { actions: ['takeSettled', 'dispatch', 'reap'] },
        'xstate.error.actor.settle.*': { target: '#failed', actions: ['noteError', 'reap'] },
        'actor.failed': { target: '#failed', actions: 'noteActor' },
        'run.stalled': { target: '#failed', actions: 'noteStall' },
      },
      states: {
        starting: { always: { guard: 'areChildrenReady', target: 'locating' } },
        locating: {
          invoke: {
            src: 'locateRun',
            onDone: [
              { guard: 'isAlreadyDone', target: 'finished' },
              { target: 'preparing', actions: 'takePlace' },
            ],
            onError: failed,
          },
        },
        preparing: load('#planning'),
        planning: {
          id: 'planning',
          invoke: {
            src: 'planStep',
            input: place,
            onDone: [
              { guard: 'isSeeded', target: 'confirming' },
              { target: 'rolling', actions: 'takePlan' },
            ],
            onError: failed,
          },
        },
        rolling: {
          entry: ['dispatch', 'settle'],
          always: [
            { guard: 'isSeedingRound', target: 'planning', actions: 'nextRound' },
            { guard: 'isComplete', target: 'grading' },
          ],
        },
        // Seeding is over: only now are there rollouts to compare engine and learner on.
        confirming: load('#choosing', 'probing'),
        grading: {
          invoke: {
            src: 'gradeStep',
            input: place,
            onDone: [{ guard: 'isSharing', target: 'dozing' }, { target: 'updating' }],
            onError: failed,
          },
        },
        dozing: { entry: 'orderSleep', on: { 'engine.slept': 'updating' } },
        updating: {
          entry: 'orderUpdate',
          on: { 'policy.updated': { target: 'saving', actions: 'takeVersion' } },
        },
        saving: { entry: 'orderSave', on: { 'policy.saved': 'refreshing' } },
        refreshing: load('#choosing'),
        choosing: {
          id: 'choosing',
          invoke: {
            src: 'planEvaluation',
            input: place,
            onDone: [
              { guard: 'isOfAnother', target: 'changing', actions: ['takePlan', 'takeAnother'] },
              { guard: 'hasOrders', target: 'evaluating', actions: 'takePlan' },
              { target: 'closing' },
            ],
            onError: failed,
          },
        },
        // The base model's turn: its weights are loaded like those of a step.
        changing: {
          always: [{ guard: 'isSharing', target: 'resting' }, { target: 'returning' }],
        },
        resting: { entry: 'orderSleep', on: { 'engine.slept': 'returning' } },
        returning: load('#evaluating'),
        evaluating: {
          id: 'evaluating',
          entry: 'dispatch',
          always: { guard: 'isDrained', target: 'adding' },
        },
        adding: { entry: 'orderScores', on: { 'suites.scored': 'choosing' } },
        closing: {
          invoke: {
            src: 'closeStep',
            input: place,
            onDone: [
              { guard: 'isLastStep', target: 'finished' },
              { guard: 'isToStop', target: '#failed', actions: 'noteCollapse' },
              // In a replay of an extended run the base model was scored at an earlier end of the
              // run, so load the policy of the step again.
              { guard: 'holdsAnother', target: 'preparing', actions: ['takeVersion', 'nextStep'] },
              {
                guard: 'isToPause',
                target: 'planning',
                actions: ['nextStep', raise({ type: 'run.pause' })],
              },
              { target: 'planning', actions: 'nextStep' },
            ],
            onError: failed,
          },
        },
        finished: {},
        failed: { id: 'failed' },
      },
    },
    // Compares the pulse at intervals, which is cheaper than a timer per event.
    watch: {
      initial: 'watching',
      states: {
        watching: {
          entry: 'notePulse',
          after: {
            stall: [
              { guard: 'isStill', actions: raise({ type: 'run.stalled' }) },
              { target: 'watching', reenter: true },
            ],
          },
          on: { 'run.pause': 'paused' },
        },
        paused: { entry: 'hold', exit: ['unhold', 'dispatch'], on: { 'run.resume': 'watching' } },
      },
    },
  },
})
