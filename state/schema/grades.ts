/** One row for each rollout of either role: the text that was read in it, and its reward. */
import { roles } from '../../domain/task.ts'
import { index, integer, kindName, oneOf, real, sql, sqliteTable, text } from './columns.ts'

export const verdicts = [
  'correct',
  'wrong',
  'malformed',
  'ungraded',
  'accepted',
  'duplicate',
  'refused',
] as const

export const grades = sqliteTable(
  'grades',
  {
    /** Id of the rollout. */
    id: text('id').primaryKey(),
    step: integer('step').notNull(),
    role: text('role', { enum: roles }).notNull(),
    kind: kindName(),
    /** The answer as it was read, or the hash of the task. */
    parsed: text('parsed'),
    verdict: text('verdict').notNull(),
    reason: text('reason'),
    success_rate: real('success_rate'),
    learnability: real('learnability'),
    /** Null if it could not be judged. */
    reward: real('reward'),
    input_hash: text('input_hash').notNull(),
  },
  table => [
    index('grades_step').on(table.step),
    // Lists in the order of a figure (reader-ranked.ts).
    index('grades_reward').on(table.role, table.reward, table.id),
    index('grades_success').on(table.success_rate, table.id).where(sql`success_rate is not null`),
    oneOf('grades', 'verdict', verdicts),
  ],
)
