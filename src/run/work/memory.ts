/**
 * Finds how many tokens a pass of the learner can hold. It tries the longest possible sequences
 * before the first update, because running out of memory after hours would waste them. Results of
 * the test and of earlier updates are kept. The learner halves the budget itself
 * (azr_trainer/memory.py).
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

/** Options of a new update: at most the tokens per pass that have fitted so far. */
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
