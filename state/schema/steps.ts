/** One row per finished step: counts, times, and the digests of its rows. */
import { integer, primaryKey, real, sqliteTable, text } from './columns.ts'

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

/** The digest of a step's rows in a table when it was finished. `azr db check` compares them. */
export const digests = sqliteTable(
  'digests',
  {
    step: integer('step').notNull(),
    table_name: text('table_name').notNull(),
    rows: integer('rows').notNull(),
    hash: text('hash').notNull(),
  },
  table => [primaryKey({ columns: [table.step, table.table_name] })],
)
