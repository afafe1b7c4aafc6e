/**
 * Decides what computes the model in the learner, and in which form the engine gets its weights.
 * Pure.
 */
import type { Config } from './config.ts'

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

/** Whether the engine gets adapters. Otherwise they are merged into a full model for it. */
export const givesAdapters = ({ engine, trainer }: Config) =>
  trainer.method !== 'full' && engine.kind !== 'embedded' && engine.loraRank > 0
