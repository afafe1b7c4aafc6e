/** What an update is done with: as the config says, and again as it was recorded. Pure. */
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

/** What the loss and the step depend on: how a model is computed and fits is no part of it. */
export function optionsOf({ trainer, solve }: Config, step: number): UpdateOptions {
  const { weightDecay, beta1, beta2, epsilon, decaySteps, maxGradientNorm } = trainer
  const { clipLow, clipHigh, importanceCap, entropyCoefficient, microBatchTokens } = trainer
  const learningRate = rateAt(trainer.learningRate, decaySteps, step)
  const optimizer = { learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm }
  const loss = { clipLow, clipHigh, importanceCap, entropyCoefficient }
  const { importance, importanceFloor } = trainer
  // Named only where it is not the default: updates of before there was a choice keep their hash.
  const icepop = importance === 'icepop' ? { importance, importanceFloor } : {}
  return { ...optimizer, ...loss, ...icepop, temperature: solve.temperature, microBatchTokens }
}

/** Options of an update that is done again, as they were then: a fork may have others now. */
export function asRecorded(row: Laid, options: UpdateOptions): UpdateOptions {
  const { threads, processes, minibatches, microBatches, budgets, mismatchKl, ...then } =
    row.layout as Layout
  const isWhole = then.learningRate !== undefined
  return { ...(isWhole ? (then as UpdateOptions) : options), budgets: budgetsOf(row) }
}
