/**
 * The learner that lives now, and what is known of it. All of it ends with its process: a learner
 * that was started anew holds nothing yet. Weights are written by redo.ts and update.ts, which give
 * the learner others; `fits` by memory.ts.
 */
import type { Learner } from '../../engine/types.ts'

export type Weights = { version: number; weightsHash: string }

export type Held<Able extends keyof Learner = keyof Learner> = {
  learner: Pick<Learner, Able>
  /** Null where that is not known. */
  weights: Weights | null
  /** Tokens a pass that the longest sequences were found to fit with; null: not tried yet. */
  fits: number | null
}

export const hold = (learner: Learner): Held => ({ learner, weights: null, fits: null })
