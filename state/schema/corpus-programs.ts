/**
 * Functions of the user's own code that proposals may begin with (`propose.corpus`). They are
 * stored when the run begins, so that it does not depend on the folder.
 */
import { index, integer, primaryKey, sqliteTable, text } from './columns.ts'

export const corpusPrograms = sqliteTable(
  'corpus_programs',
  {
    /** The value of `propose.corpus`. A fork may have the programs of several folders. */
    folder: text('folder').notNull(),
    position: integer('position').notNull(),
    /** Names the program in rollouts and task_references, as the hash of a task does. */
    hash: text('hash').notNull(),
    /** Relative to the folder. */
    file: text('file').notNull(),
    line: integer('line').notNull(),
    /** Its name in the file. In the program it is `f`. */
    name: text('name').notNull(),
    program: text('program').notNull(),
  },
  table => [
    primaryKey({ columns: [table.folder, table.position] }),
    index('corpus_programs_hash').on(table.hash),
  ],
)
