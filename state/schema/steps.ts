/** One row per finished step: counts, and where the time went. */
import { integer, real, sqliteTable } from './columns.ts'

export const steps = sqliteTable('steps', {
  step: integer('step').primaryKey(),
  policy_version: integer('policy_version').notNull(),
  proposals: integer('proposals').notNull(),
  accepted: integer('accepted').notNull(),
  rollouts: integer('rollouts').notNull(),
  executions: integer('executions').notNull(),
  trained: integer('trained').notNull(),
  wall_ms: real('wall_ms').notNull(),
  /** Wall time in which at least one completion of the step was in flight. */
  rolling_ms: real('rolling_ms').notNull(),
  learner_ms: real('learner_ms').notNull(),
  evaluate_ms: real('evaluate_ms').notNull(),
  /** CPU time of our own process. */
  own_cpu_ms: real('own_cpu_ms').notNull(),
})
