/**
 * How much a pass of the learner holds. The longest sequences that may come are tried before the
 * first update of a learner, as memory that ends at hour six helps nobody; what was found, then and
 * in earlier updates, is kept to. Not here: halving, which the learner does (azr_trainer/memory.py).
 */
import type { Reading, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { UpdateOptions } from '../../engine/types.ts'
import type { Held } from './held.ts'
import { budgetsOf } from './options.ts'

export type FitPorts = {
  config: Config
  store: Pick<Store, 'event'> & Reading<'update'>
  held: () => Held<'probe'>
}

async function tryLongest({ config, store, held }: FitPorts, options: UpdateOptions) {
  const longest = config.engine.maxLength
  const found = await held().learner.probe(longest, options)
  const { microBatchTokens, peakBytes } = found
  await store.event('memory.probed', { longest, microBatchTokens, peakBytes })
  return microBatchTokens
}

/** Options of a new update: no more tokens a pass than fitted so far. */
export async function fitted(
  ports: FitPorts,
  step: number,
  options: UpdateOptions,
): Promise<UpdateOptions> {
  const held = ports.held()
  held.fits ??= await tryLongest(ports, options)
  const before = budgetsOf(await ports.store.read.update(step - 1))
  const microBatchTokens = Math.min(options.microBatchTokens, held.fits, ...before)
  return { ...options, microBatchTokens }
}
