/** Decides which share of its card vLLM may use: the config's, or else what the learner leaves. */
import { UsageError } from '../../domain/errors.ts'
import type { Shape } from '../../domain/shape.ts'
import type { Card } from '../config/cards.ts'
import type { Config } from '../config/config.ts'
import { fitOf, gigabytes } from '../config/fit/index.ts'

/** Throws if learner and engine do not fit together into the card's free memory. */
export function shareOn(
  config: Config,
  shape: Shape | null,
  card: Omit<Card, 'name'> | null,
): number {
  const { memoryShare } = config.engine
  if (memoryShare !== null) return memoryShare
  if (shape === null || card === null) {
    const why =
      card === null ? 'torch sees no card (`azr doctor` says why)' : "the model's shape is unknown"
    throw new UsageError(
      'memory-share-unknown',
      `Cannot divide the memory of the card as ${why}: set --engine.memoryShare to the share ` +
        'that the learner leaves, such as 0.5',
    )
  }
  // Only the memory of the hardware matters here.
  const { totalBytes, freeBytes } = card
  const hardware = {
    name: 'card',
    flops: 1e14,
    bandwidth: 1e12,
    memoryBytes: totalBytes,
    freeBytes,
  }
  const { memoryShare: found, cure } = fitOf(config, shape, { hardware, device: 'cuda' })
  if (found !== null) return found
  const way = cure === null ? '`azr plan` shows what uses the memory' : `with ${cure.join(' ')}`
  throw new UsageError(
    'card-too-small',
    `Cannot fit engine and learner on a card of ${gigabytes(totalBytes).toFixed(0)} GB, of ` +
      `which ${gigabytes(freeBytes).toFixed(0)} are free: ${way}; set --engine.memoryShare to ` +
      'try it anyway',
  )
}
