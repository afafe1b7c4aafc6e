/**
 * Proposals with their verdicts: accepted, or refused with the reason. Buffers are queries on it.
 */
import type { Pair } from '../../domain/task.ts'
import { index, integer, json, kindName, named, oneOf, sqliteTable, text } from './columns.ts'

export const tasks = sqliteTable(
  'tasks',
  {
    id: text('id').primaryKey(),
    step: integer('step').notNull(),
    purpose: text('purpose').notNull(),
    kind: kindName(),
    verdict: text('verdict', { enum: ['accepted', 'duplicate', 'refused'] }).notNull(),
    reason: text('reason'),
    /** Null if the text could not be read. */
    program: text('program'),
    normalized: text('normalized'),
    pairs: json<Pair[]>('pairs').notNull(),
    message: text('message').notNull(),
    hash: text('hash'),
    input_hash: text('input_hash').notNull(),
  },
  table => [
    index('tasks_buffer').on(table.kind, table.verdict, table.id),
    index('tasks_kind').on(table.kind, table.id),
    index('tasks_verdict').on(table.verdict, table.id),
    index('tasks_hash').on(table.hash),
    index('tasks_step').on(table.step),
    named('tasks'),
    oneOf('tasks', 'verdict', ['accepted', 'duplicate', 'refused']),
  ],
)
