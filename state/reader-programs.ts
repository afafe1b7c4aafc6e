/** Reads the programs that a run's model proposed and that were accepted, each once. */
import type { Db } from './database.ts'
import { sql } from './drizzle.ts'

export type ProposedProgram = { id: string; text: string; input: string; output: string }

/** The first task of each program, with its first pair. The hand-written seed is left out. */
export function proposedPrograms(db: Db): ProposedProgram[] {
  return db.all(sql`
    select min(id) as id, normalized as text,
      json_extract(pairs, '$[0].input') as input, json_extract(pairs, '$[0].output') as output
    from tasks
    where verdict = 'accepted' and normalized is not null
      and exists (select 1 from rollouts where rollouts.id = tasks.id)
    group by normalized order by id`)
}

/** The pairs of tasks with accepted programs. */
export function proposedPairs(db: Db): { id: string; input: string; output: string }[] {
  return db.all(sql`
    select tasks.id as id, json_extract(value, '$.input') as input,
      json_extract(value, '$.output') as output
    from tasks, json_each(tasks.pairs)
    where verdict = 'accepted' and normalized is not null
      and exists (select 1 from rollouts where rollouts.id = tasks.id)
    order by tasks.id`)
}
