/** Finds a task's ancestors: the tasks in its prompt, those in theirs, up to the seeds. */

import type { Kind } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, asc, eq, inArray } from './drizzle.ts'
import { tables } from './schema/index.ts'

const { corpus_programs: corpus, tasks, task_references: references } = tables

/** Trees of long runs have thousands of tasks. Only the nearest are shown. */
const mostTasks = 150
const mostGenerations = 12

export type Ancestor = {
  /** Generations above the requested task: its parents are 1. */
  generation: number
  id: string
  hash: string
  step: number
  kind: Kind
  program: string | null
  /** Hashes of the tasks in its prompt; empty for a seed. */
  parents: string[]
}

export function createAncestry(db: Db) {
  const parentsOf = (ids: string[]) =>
    db
      .select({ id: references.task_id, hash: references.reference_hash })
      .from(references)
      .where(inArray(references.task_id, ids))
      .orderBy(asc(references.task_id), asc(references.position))
      .all()

  const byHash = (hashes: string[]) => {
    if (hashes.length === 0) return []
    return db
      .select({
        id: tasks.id,
        hash: tasks.hash,
        step: tasks.step,
        kind: tasks.kind,
        program: tasks.program,
      })
      .from(tasks)
      .where(and(inArray(tasks.hash, hashes), eq(tasks.verdict, 'accepted')))
      .all()
  }

  return {
    /** Those of the hashes that are functions of the user's own code. */
    functionsIn(hashes: string[]) {
      const { hash, file, line, name, program } = corpus
      const asked = inArray(hash, [...new Set(hashes)])
      return db.selectDistinct({ hash, file, line, name, program }).from(corpus).where(asked).all()
    },

    /** The nearest generations first. Each task appears once, however many descend from it. */
    above(id: string): Ancestor[] {
      const found = new Map<string, Ancestor>()
      let wanted = [...new Set(parentsOf([id]).map(({ hash }) => hash))]
      for (let generation = 1; generation <= mostGenerations; generation++) {
        const rows = byHash(wanted.slice(0, mostTasks - found.size))
        if (rows.length === 0) break
        const links = Map.groupBy(parentsOf(rows.map(row => row.id)), link => link.id)
        for (const row of rows) {
          const parents = [...new Set((links.get(row.id) ?? []).map(({ hash }) => hash))]
          found.set(row.hash as string, { ...row, hash: row.hash as string, generation, parents })
        }
        const next = rows.flatMap(({ id }) => (links.get(id) ?? []).map(({ hash }) => hash))
        wanted = [...new Set(next)].filter(hash => !found.has(hash))
      }
      return [...found.values()]
    },
  }
}
