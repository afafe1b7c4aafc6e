/** Reads the commands that other processes give to the owner of a run. */
import type { Db } from './database.ts'
import { asc, desc, gt, sql } from './drizzle.ts'
import { type Row, tables } from './schema/index.ts'

const { commands } = tables

export function commandReads(db: Db) {
  // A run asks four times a second, and building the query takes longer than its answer.
  const after = db
    .select()
    .from(commands)
    .where(gt(commands.seq, sql.placeholder('seq')))
    .orderBy(asc(commands.seq))
    .prepare()
  return {
    commandsAfter: (seq: number): Row<'commands'>[] => after.all({ seq }),

    /** The last command for an earlier owner. Later commands are for this owner. */
    lastCommand: (): number =>
      db
        .select({ seq: commands.seq })
        .from(commands)
        .where(sql`${commands.at_ms} < (select max(at_ms) from run_events where event = 'opened')`)
        .orderBy(desc(commands.seq))
        .limit(1)
        .get()?.seq ?? 0,
  }
}
