/**
 * Holds tasks by hash during a step: those that its prompts and answers need, and its own, which
 * are held by wording too. A hash identifies a task's content, so adding it twice is harmless.
 */
import type { Task } from '../../../domain/task.ts'
import type { Reading, Row, TaskRow } from '../../../state/types.ts'

export type Tasks = {
  of: (hash: string) => Task
  /** Adds a task under its hash, or that of its wording. An existing one stays. */
  add: (hash: string, task: Task) => void
  /** Reads those that are not in memory yet. */
  load: (hashes: Iterable<string>) => Promise<void>
}

/** The task of a row; null if it was refused. */
export function toTask(row: TaskRow): Task | null {
  const { id, kind, pairs, message, program, normalized, hash } = row
  if (program === null || normalized === null || hash === null) return null
  return { id, kind, program, normalized, pairs, message, hash }
}

/** A function of the user's own code, held as a task without pairs. */
const ofCorpus = ({ hash, program }: Row<'corpus_programs'>): Task => {
  return { id: hash, kind: 'corpus', program, normalized: program, pairs: [], message: '', hash }
}

export function createTasks({ read }: Reading<'tasksByHash' | 'corpusByHash'>): Tasks {
  const known = new Map<string, Task>()
  const add = (hash: string, task: Task) => void (known.has(hash) || known.set(hash, task))
  return {
    of(hash) {
      const task = known.get(hash)
      if (!task) throw new Error(`Cannot find task ${hash} in this step`)
      return task
    },
    add,
    async load(hashes) {
      const missing = [...new Set(hashes)].filter(hash => !known.has(hash))
      if (missing.length === 0) return
      for (const row of await read.tasksByHash(missing)) {
        const task = toTask(row)
        if (!task) throw new Error(`Cannot use task ${row.id} as it was refused`)
        add(task.hash, task)
      }
      const others = missing.filter(hash => !known.has(hash))
      if (others.length === 0) return
      for (const row of await read.corpusByHash(others)) add(row.hash, ofCorpus(row))
    },
  }
}
