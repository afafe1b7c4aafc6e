/** Prompts, stored once each. */
import { packedIds, sqliteTable, text } from './columns.ts'

export const prompts = sqliteTable('prompts', {
  hash: text('hash').primaryKey(),
  text: text('text').notNull(),
  ids: packedIds('ids').notNull(),
})
