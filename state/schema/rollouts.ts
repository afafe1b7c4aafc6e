/** Every sampled completion, of either role and any purpose. */
import { purposes, roles } from '../../domain/task.ts'
import {
  index,
  integer,
  kindName,
  named,
  oneOf,
  packedIds,
  packedLogprobs,
  real,
  sql,
  sqliteTable,
  text,
} from './columns.ts'

export const rollouts = sqliteTable(
  'rollouts',
  {
    id: text('id').primaryKey(),
    step: integer('step').notNull(),
    purpose: text('purpose', { enum: purposes }).notNull(),
    role: text('role', { enum: roles }).notNull(),
    kind: kindName(),
    /** Hash of the task that was answered, or whose program was given inputs. */
    task_hash: text('task_hash'),
    prompt_hash: text('prompt_hash').notNull(),
    text: text('text').notNull(),
    ids: packedIds('ids').notNull(),
    logprobs: packedLogprobs('logprobs').notNull(),
    finish_reason: text('finish_reason', { enum: ['stop', 'length'] }).notNull(),
    policy_version: integer('policy_version').notNull(),
    seed: integer('seed').notNull(),
    temperature: real('temperature').notNull(),
    input_hash: text('input_hash').notNull(),
    sample_ms: real('sample_ms').notNull(),
  },
  table => [
    index('rollouts_step').on(table.step),
    index('rollouts_task').on(table.task_hash),
    index('rollouts_length').on(sql`length(logprobs)`, table.id),
    named('rollouts'),
    oneOf('rollouts', 'role', roles),
    oneOf('rollouts', 'purpose', purposes),
  ],
)
