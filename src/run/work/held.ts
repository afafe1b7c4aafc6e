/**
 * The state of the current learner. It ends with the learner's process: a new one holds nothing
 * yet. redo.ts and update.ts set the weights, memory.ts sets `fits`.
 */
import type { Learner } from '../../engine/types.ts'

export type Weights = { version: number; weightsHash: string }

export type Held<Able extends keyof Learner = keyof Learner> = {
  learner: Pick<Learner, Able>
  /** Null if unknown. */
  weights: Weights | null
  /** Tokens per pass that fit for the longest sequences; null before a test. */
  fits: number | null
}

export const hold = (learner: Learner): Held => ({ learner, weights: null, fits: null })
