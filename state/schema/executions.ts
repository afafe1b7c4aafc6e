/** Every program that ran, and its outcome; one row for all hash seeds. */
import { outcomes } from '../../domain/execution.ts'
import { index, integer, oneOf, real, sqliteTable, text } from './columns.ts'

export const executions = sqliteTable(
  'executions',
  {
    id: text('id').primaryKey(),
    step: integer('step').notNull(),
    rollout_id: text('rollout_id').notNull(),
    program: text('program').notNull(),
    input: text('input').notNull(),
    outcome: text('outcome').notNull(),
    output: text('output'),
    canonical: text('canonical'),
    error: text('error'),
    literal: integer('literal', { mode: 'boolean' }).notNull(),
    input_canonical: text('input_canonical'),
    input_hash: text('input_hash').notNull(),
    cpu_ms: real('cpu_ms').notNull(),
    peak_memory_bytes: integer('peak_memory_bytes').notNull(),
  },
  table => [
    index('executions_step').on(table.step),
    index('executions_rollout').on(table.rollout_id),
    oneOf('executions', 'outcome', outcomes),
  ],
)
