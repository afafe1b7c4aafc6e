/**
 * How much a pass of the learner holds. The longest sequences that may come are tried before the
 * first update of a learner, as memory that ends at hour six helps nobody; what was found, then and
 * in earlier updates, is kept to. Not here: halving, which the learner does (azr_trainer/memory.py).
 */
import type { UpdateOptions } from '../../engine/types.ts'
import type { Ports } from './ports.ts'

type Layout = Partial<UpdateOptions> & {
  budgets?: number[]
  threads?: number
  processes?: number
  minibatches?: number
  microBatches?: number
  mismatchKl?: unknown
}

const budgetsOf = (row: { layout: unknown } | undefined) => (row?.layout as Layout)?.budgets ?? []

async function tryLongest(ports: Ports, options: UpdateOptions): Promise<number> {
  const { config, store } = ports
  const longest = config.engine.maxLength
  const found = await ports.learner().probe(longest, options)
  const { microBatchTokens, peakBytes } = found
  await store.event('memory.probed', { longest, microBatchTokens, peakBytes })
  return microBatchTokens
}

/** Options of a new update: no more tokens a pass than fitted so far. */
export async function fitted(
  ports: Ports,
  step: number,
  options: UpdateOptions,
): Promise<UpdateOptions> {
  ports.fits ??= await tryLongest(ports, options)
  const before = budgetsOf(await ports.store.read.update(step - 1))
  const microBatchTokens = Math.min(options.microBatchTokens, ports.fits, ...before)
  return { ...options, microBatchTokens }
}

/** Options of an update that is done again, as they were then: a fork may have others now. */
export function asRecorded(row: { layout: unknown }, options: UpdateOptions): UpdateOptions {
  const { threads, processes, minibatches, microBatches, budgets, mismatchKl, ...then } =
    row.layout as Layout
  const isWhole = then.learningRate !== undefined
  return { ...(isWhole ? (then as UpdateOptions) : options), budgets: budgetsOf(row) }
}
