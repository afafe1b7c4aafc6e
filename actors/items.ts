/**
 * The machine that proposer, solver, executor and evaluator share. It passes each command to one
 * long-lived child, its crew, and sends the result to its parent as a fact. A child per command
 * would copy the list of all children twice.
 *
 * It does not queue or refuse commands: `run` limits them with credits. src/run/compose.ts provides
 * the work.
 */
import { assign, fromCallback, sendParent, sendTo, setup } from 'xstate'
import type { ActorFailed, FailureSource, ItemFailed } from './messages.ts'

type Command = ItemFailed['command']
type Fact = { type: string }

/** Messages from the crew. `work.stuck` answers `work.name`. */
type FromCrew =
  | { type: 'work.done'; fact: Fact }
  | { type: 'work.failed'; error: unknown }
  | { type: 'work.stuck'; waiting: string[] }
type ToCrew = Command | { type: 'work.name' }

/** The error that item work rejects with. It carries the command, so that it can be retried. */
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
export type Work = (command: Command, signal: AbortSignal) => Promise<Fact>

/** Does the work of each command. Work in progress is aborted when its actor stops. */
export function createCrew(work: Work) {
  return fromCallback<ToCrew, void>(({ sendBack, receive }) => {
    const open = new Map<string, AbortController>()
    receive(order => {
      if (order.type === 'work.name') {
        return sendBack({ type: 'work.stuck', waiting: [...open.keys()] } satisfies FromCrew)
      }
      const name = `${order.type}:${order.order.id}#${order.order.attempt}`
      const controller = new AbortController()
      open.set(name, controller)
      const end = (answer: FromCrew) => {
        open.delete(name)
        sendBack(answer)
      }
      work(order, controller.signal).then(
        fact => end({ type: 'work.done', fact }),
        error => end({ type: 'work.failed', error }),
      )
    })
    return () => {
      for (const controller of open.values()) controller.abort()
    }
  })
}

function failure(actor: string, error: unknown): ItemFailed | ActorFailed {
  if (!(error instanceof ItemError)) return { type: 'actor.failed', actor, error: String(error) }
  const { command, source, message } = error
  return { type: 'item.failed', actor, command, source, error: message }
}

/** Makes a machine that answers `commands` with the facts that its work resolves to. */
export function createItemMachine<Order extends Command>(name: string, commands: Order['type'][]) {
  const machine = setup({
    types: {
      context: {} as ItemInput & { open: number },
      input: {} as ItemInput,
      events: {} as Command | FromCrew,
    },
    actors: { crew: createCrew(() => Promise.reject(new Error(`${name} has no work`))) },
    delays: { deadline: ({ context }) => context.deadlineMs },
    guards: { isLast: ({ context }) => context.open <= 1 },
    actions: {
      countUp: assign({ open: ({ context }) => context.open + 1 }),
      countDown: assign({ open: ({ context }) => context.open - 1 }),
      begin: sendTo('crew', ({ event }) => event as Command),
      answer: sendParent(({ event }) => (event as { fact: Fact }).fact),
      complain: sendParent(({ event }) => failure(name, (event as { error: unknown }).error)),
      askWhoIsStuck: sendTo('crew', { type: 'work.name' } satisfies ToCrew),
      nameStuck: sendParent(({ event }) => {
        const { waiting } = event as { waiting: string[] }
        const first = waiting.slice(0, 3).join(', ')
        const error =
          `no answer within the deadline from ${waiting.length} items: ${first}; ` +
          'deadlines.itemSeconds has to be enough for all answers to one prompt'
        return { type: 'actor.failed', actor: name, error } satisfies ActorFailed
      }),
    },
  })
  const accept = Object.fromEntries(
    commands.map(type => [
      type,
      // Re-enters the state, not the machine: re-entering the machine would end its crew.
      { target: 'busy', reenter: true, actions: ['countUp', 'begin'] as const },
    ]),
  )
  return machine.createMachine({
    id: name,
    context: ({ input }) => ({ ...input, open: 0 }),
    invoke: { id: 'crew', src: 'crew' },
    initial: 'idle',
    states: {
      idle: { on: accept },
      busy: {
        after: { deadline: { actions: 'askWhoIsStuck' } },
        on: {
          ...accept,
          'work.done': [
            { guard: 'isLast', target: 'idle', actions: ['answer', 'countDown'] },
            { target: 'busy', reenter: true, actions: ['answer', 'countDown'] },
          ],
          'work.failed': [
            { guard: 'isLast', target: 'idle', actions: ['complain', 'countDown'] },
            { target: 'busy', reenter: true, actions: ['complain', 'countDown'] },
          ],
          'work.stuck': { actions: 'nameStuck' },
        },
      },
    },
  })
}
