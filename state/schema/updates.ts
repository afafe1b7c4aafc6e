/** The learner's updates, and the rollouts in each. */
import { index, integer, json, primaryKey, real, sqliteTable, text } from './columns.ts'

export const updates = sqliteTable('updates', {
  /** The step as six digits. The policy that it makes has the same number. */
  id: text('id').primaryKey(),
  step: integer('step').notNull(),
  loss: real('loss').notNull(),
  gradient_norm: real('gradient_norm').notNull(),
  entropy: real('entropy').notNull(),
  mismatch_kl: real('mismatch_kl').notNull(),
  mismatch_k3: real('mismatch_k3').notNull(),
  clip_fraction: real('clip_fraction').notNull(),
  sequences: integer('sequences').notNull(),
  tokens: integer('tokens').notNull(),
  /** The reason why nothing was learned, or null. */
  skipped: text('skipped'),
  weights_hash: text('weights_hash').notNull(),
  /**
   * Threads, tokens per pass and options, which exactness needs; and the mismatch KL by role and
   * kind.
   */
  layout: json<Record<string, unknown>>('layout').notNull(),
  input_hash: text('input_hash').notNull(),
  update_seconds: real('update_seconds').notNull(),
})

export const updateItems = sqliteTable(
  'update_items',
  {
    step: integer('step').notNull(),
    position: integer('position').notNull(),
    rollout_id: text('rollout_id').notNull(),
    advantage: real('advantage').notNull(),
    weight: real('weight').notNull(),
    minibatch: integer('minibatch').notNull(),
    /**
     * Pairs `[tokens, advantage]` in order, if the tokens of one sequence have different
     * advantages.
     */
    spans: json<[number, number][]>('spans'),
  },
  table => [
    primaryKey({ columns: [table.step, table.position] }),
    index('update_items_rollout').on(table.rollout_id),
    index('update_items_advantage').on(table.advantage, table.rollout_id),
  ],
)
