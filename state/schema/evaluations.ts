/** Held-out suites: a row per suite, step, kind and mode, and each answer to each item. */
import { evaluationModes } from '../../domain/task.ts'
import { index, integer, kindName, madeIn, primaryKey, real, sqliteTable, text } from './columns.ts'

export const evaluations = sqliteTable(
  'evaluations',
  {
    suite: text('suite').notNull(),
    /** The step of the scored policy; 0 is the base. */
    step: integer('step').notNull(),
    made_in: madeIn(),
    kind: kindName(),
    mode: text('mode', { enum: evaluationModes }).notNull(),
    items: integer('items').notNull(),
    /** Right answers, of `items` times `samples`. */
    correct: integer('correct').notNull(),
    /** The mean over the items of each item's share of right answers. */
    accuracy: real('accuracy').notNull(),
    /** Answers to each item. */
    samples: integer('samples').notNull().default(1),
    /** Items with at least one right answer: passed / items is pass@samples. */
    passed: integer('passed').notNull().default(0),
    /** Answers that begin with their working. */
    scratched: integer('scratched').notNull().default(0),
    /** Answers that were cut at their maximum length. */
    cut: integer('cut').notNull().default(0),
    /** Standard deviation, over the items, of each item's share of right answers. */
    deviation: real('deviation').notNull().default(0),
  },
  table => [primaryKey({ columns: [table.suite, table.step, table.kind, table.mode] })],
)

export const evaluationItems = sqliteTable(
  'evaluation_items',
  {
    /** Id of the rollout. */
    id: text('id').primaryKey(),
    /** The step of the policy that answered; 0 is the base. */
    step: integer('step').notNull(),
    made_in: madeIn(),
    suite: text('suite').notNull(),
    kind: kindName(),
    mode: text('mode', { enum: evaluationModes }).notNull(),
    item: integer('item').notNull(),
    verdict: text('verdict').notNull(),
    extracted: text('extracted'),
    detail: text('detail'),
    input_hash: text('input_hash').notNull(),
    /** Whether the answer begins with its working. */
    scratch: integer('scratch', { mode: 'boolean' }).notNull().default(false),
  },
  table => [
    index('evaluation_items_step').on(table.step),
    index('evaluation_items_made_in').on(table.made_in),
  ],
)
