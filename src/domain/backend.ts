/** What computes the model in the learner, and in which form the engine gets its weights. Pure. */
import type { Config } from '../config.ts'

export function backendOf({ engine, trainer }: Config): 'plain' | 'transformers' {
  if (trainer.backend !== 'auto') return trainer.backend
  return engine.kind === 'embedded' ? 'plain' : 'transformers'
}

/** Processes of the learner, those of other machines included. */
export const processesOf = ({ trainer }: Config) => Math.max(trainer.processes, trainer.world)

/** Whether the engine is given adapters; otherwise they are merged into a full model for it. */
export const givesAdapters = ({ engine, trainer }: Config) =>
  trainer.method !== 'full' && engine.kind !== 'embedded' && engine.loraRank > 0
