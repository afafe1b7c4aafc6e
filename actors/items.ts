/**
 * What proposer, solver, executor and evaluator have in common: each command becomes one spawned
 * promise under its own id; its fact goes to the parent and the child is reaped. It neither queues
 * nor refuses: `run` hands out the credits. Not here: what the work is, which `main.ts` provides.
 */
import { assign, fromPromise, sendParent, setup, spawnChild, stopChild } from 'xstate'
import type { ActorFailed, FailureSource, ItemFailed } from './messages.ts'

type Command = ItemFailed['command']
type Fact = { type: string }
type Done = { type: `xstate.done.actor.${string}`; actorId: string; output: Fact }
type Failed = { type: `xstate.error.actor.${string}`; actorId: string; error: unknown }

/** The error that item work rejects with: it names its command, so that it can be given again. */
export class ItemError extends Error {
  override name = 'ItemError'
  readonly command: Command
  readonly source: FailureSource
  constructor(command: Command, source: FailureSource, message: string, cause: unknown) {
    super(message, { cause })
    this.command = command
    this.source = source
  }
}

export type ItemInput = { deadlineMs: number }

function childId(command: Command): string {
  return `${command.type}:${command.order.id}#${command.order.attempt}`
}

function failure(actor: string, error: unknown): ItemFailed | ActorFailed {
  if (!(error instanceof ItemError)) return { type: 'actor.failed', actor, error: String(error) }
  const { command, source, message } = error
  return { type: 'item.failed', actor, command, source, error: message }
}

/** A machine that answers `commands` with the facts that its work resolves to. */
export function createItemMachine<Order extends Command>(name: string, commands: Order['type'][]) {
  const machine = setup({
    types: {
      context: {} as ItemInput & { open: number },
      input: {} as ItemInput,
      events: {} as Command | Done | Failed,
    },
    actors: {
      work: fromPromise<Fact, Command>(() => Promise.reject(new Error(`${name} has no work`))),
    },
    delays: { deadline: ({ context }) => context.deadlineMs },
    guards: { isLast: ({ context }) => context.open <= 1 },
    actions: {
      countUp: assign({ open: ({ context }) => context.open + 1 }),
      countDown: assign({ open: ({ context }) => context.open - 1 }),
      begin: spawnChild('work', {
        id: ({ event }) => childId(event as Command),
        input: ({ event }) => event as Command,
      }),
      answer: sendParent(({ event }) => (event as Done).output),
      complain: sendParent(({ event }) => failure(name, (event as Failed).error)),
      reap: stopChild(({ event }) => (event as Done).actorId),
      nameStuck: sendParent(({ self }) => {
        const waiting = Object.keys(self.getSnapshot().children)
        const first = waiting.slice(0, 3).join(', ')
        const error = `no answer within its deadline from ${waiting.length} items: ${first}`
        return { type: 'actor.failed', actor: name, error } satisfies ActorFailed
      }),
    },
  })
  const accept = Object.fromEntries(
    commands.map(type => [
      type,
      { target: '.busy', reenter: true, actions: ['countUp', 'begin'] as const },
    ]),
  )
  return machine.createMachine({
    id: name,
    context: ({ input }) => ({ ...input, open: 0 }),
    initial: 'idle',
    on: accept,
    states: {
      idle: {},
      busy: {
        after: { deadline: { actions: 'nameStuck' } },
        on: {
          'xstate.done.actor.*': [
            { guard: 'isLast', target: 'idle', actions: ['answer', 'reap', 'countDown'] },
            { target: 'busy', reenter: true, actions: ['answer', 'reap', 'countDown'] },
          ],
          'xstate.error.actor.*': [
            { guard: 'isLast', target: 'idle', actions: ['complain', 'reap', 'countDown'] },
            { target: 'busy', reenter: true, actions: ['complain', 'reap', 'countDown'] },
          ],
        },
      },
    },
  })
}
