/** Prompts, stored once each. */
import { packed, sqliteTable, text } from './columns.ts'

export const prompts = sqliteTable('prompts', {
  hash: text('hash').primaryKey(),
  text: text('text').notNull(),
  ids: packed('ids').notNull(),
})
