/** How much of its card vLLM may take: what the config says, else what the learner leaves to it. */
import { spawnSync } from 'node:child_process'
import { UsageError } from '../../domain/errors.ts'
import type { Shape } from '../../domain/shape.ts'
import type { Config } from '../config/config.ts'
import { fitOf, gigabytes } from '../config/fit/index.ts'

/** Bytes of the card that CUDA would take first; null where nothing tells. */
export function cardBytes(): number | null {
  const [first] = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',')
  const which = first ? ['--id', first] : []
  const asked = ['--query-gpu=memory.total', '--format=csv,noheader,nounits', ...which]
  const { status, stdout } = spawnSync('nvidia-smi', asked, { encoding: 'utf8' })
  const megabytes = Number((stdout ?? '').split('\n')[0])
  return status === 0 && megabytes > 0 ? megabytes * 2 ** 20 : null
}

/** `card` bytes. Throws where learner and engine do not fit on it together. */
export function shareOn(config: Config, shape: Shape | null, card: number | null): number {
  const { memoryShare } = config.engine
  if (memoryShare !== null) return memoryShare
  if (shape === null || card === null) {
    const why = card === null ? 'nvidia-smi tells nothing of a card' : 'the shape is not known'
    throw new UsageError(
      'memory-share-unknown',
      `Cannot divide the memory of the card as ${why}: set --engine.memoryShare=0.5 ` +
        'or whatever the learner leaves',
    )
  }
  // Of the hardware only its memory counts here.
  const hardware = { name: 'card', flops: 1e14, bandwidth: 1e12, memoryBytes: card }
  const { memoryShare: found, cure } = fitOf(config, shape, { hardware, device: 'cuda' })
  if (found !== null) return found
  const way = cure === null ? '`azr plan` tells what is held by what' : `with ${cure.join(' ')}`
  throw new UsageError(
    'card-too-small',
    `Cannot fit engine and learner on a card of ${gigabytes(card).toFixed(0)} GB: ${way}; ` +
      'set --engine.memoryShare to try it all the same',
  )
}
