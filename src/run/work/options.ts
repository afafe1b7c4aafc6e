/** Options of an update: from the config, or from the record for a repeat. Pure. */
import { rateAt } from '../../../domain/learning-rate.ts'
import type { UpdateRow } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { UpdateOptions } from '../../engine/types.ts'

type Layout = Partial<UpdateOptions> & {
  budgets?: number[]
  threads?: number
  processes?: number
  minibatches?: number
  microBatches?: number
  mismatchKl?: unknown
}

type Laid = Pick<UpdateRow, 'layout'>

export const budgetsOf = (row: Laid | undefined) => (row?.layout as Layout)?.budgets ?? []

/**
 * The options that change the result. How the model is computed and fits into memory is left out.
 */
export function optionsOf({ trainer, solve }: Config, step: number): UpdateOptions {
  const { weightDecay, beta1, beta2, epsilon, decaySteps, maxGradientNorm } = trainer
  const { clipLow, clipHigh, importanceCap, entropyCoefficient, microBatchTokens } = trainer
  const learningRate = rateAt(trainer.learningRate, decaySteps, step)
  const optimizer = { learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm }
  const loss = { clipLow, clipHigh, importanceCap, entropyCoefficient }
  const { importance, importanceFloor } = trainer
  // Only included if it is not the default, so that older updates keep their hash.
  const icepop = importance === 'icepop' ? { importance, importanceFloor } : {}
  return { ...optimizer, ...loss, ...icepop, temperature: solve.temperature, microBatchTokens }
}

/** The options of a repeated update, as recorded. A fork may have others now. */
export function asRecorded(row: Laid, options: UpdateOptions): UpdateOptions {
  const { threads, processes, minibatches, microBatches, budgets, mismatchKl, ...then } =
    row.layout as Layout
  const isWhole = then.learningRate !== undefined
  return { ...(isWhole ? (then as UpdateOptions) : options), budgets: budgetsOf(row) }
}
