/**
 * The work in flight: two queues, two credit counts, and the open proposals of each kind. Pure:
 * every function returns a new value.
 */
import type { Kind } from '../domain/task.ts'
import type { CheckCommand, ItemFailed, SampleOrder } from './messages.ts'

export type Credits = {
  /** Completions in flight. An order that exceeds the limit is sent if any credit is free. */
  sample: number
  /** Checks in flight: of a proposal, or of all answers to a task. */
  check: number
}

/**
 * Waiting orders, and how many completions they ask for. Orders before `at` have been sent: this
 * avoids copying a long list for each.
 */
export type Line<Order> = { orders: readonly Order[]; at: number; size: number }

export type Queue = {
  samples: Line<SampleOrder>
  checks: Line<CheckCommand>
  /** Credits in use. */
  used: Credits
  /** Proposals of each kind without a verdict. */
  open: Record<Kind, number>
  /** Kinds whose tasks are being inserted, or have been. */
  settling: Kind[]
  settled: Kind[]
  /** Wordings whose difficulty is being estimated in this step. */
  estimated: string[]
}

const emptyLine = { orders: [], at: 0, size: 0 }

export const emptyQueue: Queue = {
  samples: emptyLine,
  checks: emptyLine,
  used: { sample: 0, check: 0 },
  open: {},
  settling: [],
  settled: [],
  estimated: [],
}

const lengthOf = ({ orders, at }: Line<unknown>) => orders.length - at

/** Completions that an order asks for. */
const sizeOf = ({ order }: { order: object }): number =>
  'samples' in order ? (order.samples as number) : 1

type Waiting = SampleOrder | CheckCommand

const restOf = <Order>({ orders, at }: Line<Order>) => (at === 0 ? orders : orders.slice(at))

function append<Order extends Waiting>(line: Line<Order>, more: readonly Order[]): Line<Order> {
  if (more.length === 0) return line
  const size = more.reduce((sum, order) => sum + sizeOf(order), line.size)
  return { orders: restOf(line).concat(more), at: 0, size }
}

const putFirst = <Order extends Waiting>(line: Line<Order>, order: Order): Line<Order> => {
  return { orders: [order, ...restOf(line)], at: 0, size: line.size + sizeOf(order) }
}

/**
 * Takes orders from the front while credits last. `costOf` gives the credits that an order needs.
 */
function takeFrom<Order extends Waiting>(
  line: Line<Order>,
  room: number,
  costOf: (order: Order) => number,
) {
  const { orders, at: from } = line
  let [at, cost, size] = [from, 0, line.size]
  for (; at < orders.length && cost < room; at++) {
    cost += costOf(orders[at] as Order)
    size -= sizeOf(orders[at] as Order)
  }
  if (at === from) return { taken: [], cost, line }
  const isMostlyGone = at > orders.length / 2
  const rest = isMostlyGone ? { orders: orders.slice(at), at: 0, size } : { orders, at, size }
  return { taken: orders.slice(from, at), cost, line: rest }
}

/** Orders that wait, counted in credits. */
export const waiting = ({ samples, checks }: Queue): Credits => {
  return { sample: samples.size, check: lengthOf(checks) }
}

export function addSamples(queue: Queue, orders: SampleOrder[]): Queue {
  return { ...queue, samples: append(queue.samples, orders) }
}

/** A step's queue with all proposals open. A kind without proposals is settled at once. */
export function openQueue(orders: SampleOrder[], kinds: readonly Kind[]): Queue {
  const proposed = orders.flatMap(({ to, order }) => (to === 'proposer' ? [order.kind] : []))
  const open = kinds.map(kind => [kind, proposed.filter(one => one === kind).length])
  return addSamples({ ...emptyQueue, open: Object.fromEntries(open) }, orders)
}

/**
 * Takes orders from the front as credits allow. At most as many completions wait for their checks
 * as may be in flight. If checks are slower, the engine waits for them, which bounds memory.
 */
export function take(
  queue: Queue,
  credits: Credits,
  mayInclude: { sample: boolean; check: boolean },
) {
  const { used } = queue
  const isBehind = queue.checks.size >= credits.sample
  const room = mayInclude.sample && !isBehind ? credits.sample - used.sample : 0
  const samples = takeFrom(queue.samples, room, sizeOf)
  const checkRoom = mayInclude.check ? credits.check - used.check : 0
  const checks = takeFrom(queue.checks, checkRoom, () => 1)
  const now = { sample: used.sample + samples.cost, check: used.check + checks.cost }
  return {
    samples: samples.taken,
    checks: checks.taken,
    queue: { ...queue, samples: samples.line, checks: checks.line, used: now },
  }
}

function release(queue: Queue, credit: keyof Credits, size: number): Queue {
  return { ...queue, used: { ...queue.used, [credit]: queue.used[credit] - size } }
}

export const freeCheck = (queue: Queue): Queue => release(queue, 'check', 1)

/** A sampled item frees its credits and waits for its check. */
export function toCheck(queue: Queue, check: CheckCommand): Queue {
  const freed = release(queue, 'sample', sizeOf(check))
  return { ...freed, checks: append(queue.checks, [check]) }
}

/**
 * Records a verdict on a proposal. `estimates` are answers to sample for it, unless already
 * requested.
 */
export function closeProposal(
  queue: Queue,
  kind: Kind,
  wording: string | null,
  estimates: SampleOrder[],
) {
  const freed = freeCheck(queue)
  const open = { ...freed.open, [kind]: (freed.open[kind] ?? 0) - 1 }
  if (wording === null || estimates.length === 0 || freed.estimated.includes(wording)) {
    return { ...freed, open }
  }
  const estimated = freed.estimated.concat(wording)
  return addSamples({ ...freed, open, estimated }, estimates)
}

/** Kinds whose proposals all have a verdict, and that are not being settled yet. */
export function kindsToSettle(queue: Queue): Kind[] {
  const { open, settling } = queue
  return Object.keys(open).filter(kind => open[kind] === 0 && !settling.includes(kind))
}

export function isDrained(queue: Queue): boolean {
  const { samples, checks, used } = queue
  return lengthOf(samples) + lengthOf(checks) + used.sample + used.check === 0
}

export function isComplete(queue: Queue): boolean {
  return isDrained(queue) && Object.keys(queue.open).every(kind => queue.settled.includes(kind))
}

/** Puts a failed command back at the front of its queue. A score is not retried (`mayRetry`). */
export function again(queue: Queue, { command }: ItemFailed): Queue {
  const order = { ...command.order, attempt: command.order.attempt + 1 }
  switch (command.type) {
    case 'task.propose':
    case 'task.solve':
    case 'item.attempt': {
      const to = {
        'task.propose': 'proposer',
        'task.solve': 'solver',
        'item.attempt': 'evaluator',
      }[command.type]
      const freed = release(queue, 'sample', sizeOf({ order }))
      return { ...freed, samples: putFirst(queue.samples, { to, order } as SampleOrder) }
    }
    default: {
      const check = { type: command.type, order } as CheckCommand
      return { ...release(queue, 'check', 1), checks: putFirst(queue.checks, check) }
    }
  }
}
