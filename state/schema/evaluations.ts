/** Held-out suites: a row per suite, step, kind and mode, and each item. */
import { kinds } from '../../src/domain/task.ts'
import { index, integer, primaryKey, real, sqliteTable, text } from './columns.ts'

export const evaluations = sqliteTable(
  'evaluations',
  {
    suite: text('suite').notNull(),
    step: integer('step').notNull(),
    kind: text('kind', { enum: kinds }).notNull(),
    mode: text('mode', { enum: ['greedy', 'sampled'] }).notNull(),
    items: integer('items').notNull(),
    correct: integer('correct').notNull(),
    /** correct / items: a fraction. */
    accuracy: real('accuracy').notNull(),
  },
  table => [primaryKey({ columns: [table.suite, table.step, table.kind, table.mode] })],
)

export const evaluationItems = sqliteTable(
  'evaluation_items',
  {
    /** Id of the rollout. */
    id: text('id').primaryKey(),
    step: integer('step').notNull(),
    suite: text('suite').notNull(),
    kind: text('kind', { enum: kinds }).notNull(),
    mode: text('mode', { enum: ['greedy', 'sampled'] }).notNull(),
    item: integer('item').notNull(),
    verdict: text('verdict').notNull(),
    extracted: text('extracted'),
    detail: text('detail'),
    input_hash: text('input_hash').notNull(),
  },
  table => [index('evaluation_items_step').on(table.step)],
)
