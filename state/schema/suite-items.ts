/**
 * The items that a run is asked. They are stored when it begins, so that it depends on no other
 * file. For benchmarks only the hash is stored; their tests stay in their file.
 */
import { integer, json, kindName, primaryKey, sqliteTable, text } from './columns.ts'

export const suiteItems = sqliteTable(
  'suite_items',
  {
    suite: text('suite').notNull(),
    kind: kindName(),
    /** The item's position, as in evaluation_items. */
    item: integer('item').notNull(),
    /** The item's name in the suite. */
    id: text('id').notNull(),
    program: text('program').notNull(),
    pairs: json<{ input: string; output: string }[]>('pairs').notNull(),
    hash: text('hash').notNull(),
  },
  table => [primaryKey({ columns: [table.suite, table.kind, table.item] })],
)
