/** What computes the model in the learner, and in which form the engine gets its weights. Pure. */
import type { Config } from './config.ts'

export function backendOf({ engine, trainer }: Config): 'plain' | 'transformers' {
  if (trainer.backend !== 'auto') return trainer.backend
  return engine.kind === 'embedded' ? 'plain' : 'transformers'
}

/** The knobs that weights and optimiser of a checkpoint fit: under others they mean nothing. */
export function learnerKind(config: Config): Record<string, string | number> {
  const { method, dtype, optimizer, loraRank, loraAlpha } = config.trainer
  const adapter: Record<string, number> = method === 'full' ? {} : { loraRank, loraAlpha }
  return { backend: backendOf(config), method, dtype, optimizer, ...adapter }
}

/** Processes of the learner, those of other machines included. */
export const processesOf = ({ trainer }: Config) => Math.max(trainer.processes, trainer.world)

/** Whether the engine is given adapters; otherwise they are merged into a full model for it. */
export const givesAdapters = ({ engine, trainer }: Config) =>
  trainer.method !== 'full' && engine.kind !== 'embedded' && engine.loraRank > 0
