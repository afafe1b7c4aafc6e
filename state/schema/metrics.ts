/** Curves, and the trace of messages for people. Neither is a source of state. */
import {
  index,
  integer,
  json,
  madeIn,
  primaryKey,
  real,
  sql,
  sqliteTable,
  text,
} from './columns.ts'

export const metrics = sqliteTable(
  'metrics',
  {
    step: integer('step').notNull(),
    made_in: madeIn(),
    name: text('name').notNull(),
    value: real('value').notNull(),
  },
  table => [
    primaryKey({ columns: [table.step, table.name] }),
    index('metrics_name').on(table.name, table.step),
    index('metrics_made_in').on(table.made_in),
  ],
)

export const messages = sqliteTable(
  'messages',
  {
    seq: integer('seq').primaryKey({ autoIncrement: true }),
    at_ms: real('at_ms').notNull(),
    sender: text('sender').notNull(),
    receiver: text('receiver').notNull(),
    type: text('type').notNull(),
    item_id: text('item_id'),
    body: json<unknown>('body'),
  },
  // An index only for the machines' page. Most messages are about items and are not in it.
  table => [
    index('messages_machines').on(table.sender, table.seq).where(sql`type = 'machine.changed'`),
  ],
)
