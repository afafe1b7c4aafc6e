/**
 * Derives from a config what computes the learner's model, and in which form the engine gets its
 * weights. Pure.
 */
import type { Precision } from '../../domain/parity.ts'
import { areApart, type Config } from './config.ts'

export function backendOf({ engine, trainer }: Config): 'plain' | 'transformers' {
  if (trainer.backend !== 'auto') return trainer.backend
  return engine.kind === 'embedded' ? 'plain' : 'transformers'
}

/**
 * The knobs that a checkpoint's weights and optimiser depend on. Under other values they are
 * useless.
 */
export function learnerKind(config: Config): Record<string, string | number> {
  const { method, dtype, optimizer, loraRank, loraAlpha } = config.trainer
  const adapter: Record<string, number> = method === 'full' ? {} : { loraRank, loraAlpha }
  return { backend: backendOf(config), method, dtype, optimizer, ...adapter }
}

/** Processes of the learner, including those on other machines. */
export const processesOf = ({ trainer }: Config) => Math.max(trainer.processes, trainer.world)

/** The precision of engine and learner: the coarser of the two. */
export function precisionOf(config: Config): Precision {
  const { engine, trainer } = config
  if (trainer.method === 'qlora' || engine.quantization !== null) return '4 bits'
  const isHalf =
    (engine.kind !== 'embedded' && engine.dtype === 'bfloat16') ||
    (backendOf(config) !== 'plain' && trainer.dtype === 'bfloat16')
  return isHalf ? 'bfloat16' : 'float32'
}

/** The number of cards that share the engine's weights. */
export const engineCards = ({ engine }: Config) => engine.cards?.length ?? 1

/** Whether engine and learner use different cards, so that neither waits for the other's memory. */
export const haveOwnCards = ({ engine, trainer }: Config) => areApart(engine, trainer)

/** Whether the engine gets adapters. Otherwise they are merged into a full model for it. */
export const givesAdapters = ({ engine, trainer }: Config) =>
  trainer.method !== 'full' && engine.kind !== 'embedded' && engine.loraRank > 0
