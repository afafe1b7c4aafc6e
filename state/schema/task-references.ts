/** Which tasks the prompt of each proposal showed: its ancestry. */
import { index, integer, primaryKey, sqliteTable, text } from './columns.ts'

export const taskReferences = sqliteTable(
  'task_references',
  {
    task_id: text('task_id').notNull(),
    position: integer('position').notNull(),
    reference_hash: text('reference_hash').notNull(),
  },
  table => [
    primaryKey({ columns: [table.task_id, table.position] }),
    index('task_references_hash').on(table.reference_hash),
  ],
)
