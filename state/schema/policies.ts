/** Versions of the weights, and where their files are. */
import { integer, real, sqliteTable, text } from './columns.ts'

/** A version whose parity gate has passed. */
export const policies = sqliteTable('policies', {
  version: integer('version').primaryKey(),
  weights_hash: text('weights_hash').notNull(),
  /** Largest and mean difference between the engine's and the learner's log-probabilities. */
  parity_max: real('parity_max').notNull(),
  parity_mean: real('parity_mean').notNull(),
})

export const checkpoints = sqliteTable('checkpoints', {
  step: integer('step').primaryKey(),
  /** Relative to the run's folder. */
  path: text('path').notNull(),
  weights_hash: text('weights_hash').notNull(),
})
