/**
 * What `run` keeps of the work in flight: two queues, two credit counts, and what is still open of
 * each kind's proposals. Pure: every function gives a new value.
 */
import type { Kind } from '../domain/task.ts'
import type { CheckCommand, ItemFailed, SampleOrder } from './messages.ts'

export type Credits = { sample: number; check: number }

export type Queue = {
  samples: SampleOrder[]
  checks: CheckCommand[]
  /** Credits in use. */
  used: Credits
  /** Proposals of each kind without a verdict. */
  open: Record<Kind, number>
  /** Kinds whose tasks are being settled, or are settled. */
  settling: Kind[]
  settled: Kind[]
  /** Wordings whose estimate is under way in this step. */
  estimated: string[]
}

export const emptyQueue: Queue = {
  samples: [],
  checks: [],
  used: { sample: 0, check: 0 },
  open: {},
  settling: [],
  settled: [],
  estimated: [],
}

export function addSamples(queue: Queue, orders: SampleOrder[]): Queue {
  return { ...queue, samples: queue.samples.concat(orders) }
}

/** A step's queue: its proposals are open; kinds without any are settled at once. */
export function openQueue(orders: SampleOrder[], kinds: readonly Kind[]): Queue {
  const proposed = orders.flatMap(({ to, order }) => (to === 'proposer' ? [order.kind] : []))
  const open = kinds.map(kind => [kind, proposed.filter(one => one === kind).length])
  return addSamples({ ...emptyQueue, open: Object.fromEntries(open) }, orders)
}

/** Takes what the credits allow off the front. */
export function take(queue: Queue, credits: Credits, mayInclude: { sample: boolean }) {
  const room = mayInclude.sample ? Math.max(0, credits.sample - queue.used.sample) : 0
  const samples = queue.samples.slice(0, room)
  const checks = queue.checks.slice(0, Math.max(0, credits.check - queue.used.check))
  const used = {
    sample: queue.used.sample + samples.length,
    check: queue.used.check + checks.length,
  }
  const rest = {
    samples: samples.length > 0 ? queue.samples.slice(samples.length) : queue.samples,
    checks: checks.length > 0 ? queue.checks.slice(checks.length) : queue.checks,
  }
  return { samples, checks, queue: { ...queue, ...rest, used } }
}

export function release(queue: Queue, credit: keyof Credits): Queue {
  return { ...queue, used: { ...queue.used, [credit]: queue.used[credit] - 1 } }
}

/** A sampled item frees its credit and waits for its check. */
export function toCheck(queue: Queue, check: CheckCommand): Queue {
  return { ...release(queue, 'sample'), checks: queue.checks.concat(check) }
}

/** A verdict on a proposal; `estimates` are its answers to sample, where nobody asked for them yet. */
export function closeProposal(
  queue: Queue,
  kind: Kind,
  wording: string | null,
  estimates: SampleOrder[],
) {
  const freed = release(queue, 'check')
  const open = { ...freed.open, [kind]: (freed.open[kind] ?? 0) - 1 }
  if (wording === null || estimates.length === 0 || freed.estimated.includes(wording)) {
    return { ...freed, open }
  }
  const estimated = freed.estimated.concat(wording)
  return addSamples({ ...freed, open, estimated }, estimates)
}

/** Kinds whose proposals all have a verdict and which nobody settles yet. */
export function kindsToSettle(queue: Queue): Kind[] {
  const { open, settling } = queue
  return Object.keys(open).filter(kind => open[kind] === 0 && !settling.includes(kind))
}

export function isDrained(queue: Queue): boolean {
  const { samples, checks, used } = queue
  return samples.length + checks.length + used.sample + used.check === 0
}

export function isComplete(queue: Queue): boolean {
  return isDrained(queue) && Object.keys(queue.open).every(kind => queue.settled.includes(kind))
}

/** Gives a failed command another attempt, at the front of its queue; a score has none (`mayRetry`). */
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
      const sample = { to, order } as SampleOrder
      return { ...release(queue, 'sample'), samples: [sample, ...queue.samples] }
    }
    default: {
      const check = { type: command.type, order } as CheckCommand
      return { ...release(queue, 'check'), checks: [check, ...queue.checks] }
    }
  }
}
