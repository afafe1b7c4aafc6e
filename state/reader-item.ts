/** Reads one task or rollout with all its rows: its origin and its results. */

import type { Db } from './database.ts'
import { and, asc, eq, or, type SQL } from './drizzle.ts'
import { createAncestry } from './reader-ancestry.ts'
import { tables } from './schema/index.ts'
import { advantage, tokenCount } from './search-filters.ts'

const { tasks, task_references: references, rollouts, executions, grades } = tables
const { prompts, update_items: updateItems } = tables

const toNumbers = (bytes: Uint8Array) => new Uint8Array(bytes).buffer

const mostAnswers = 200

const rolloutsOf = (db: Db, where: SQL | undefined) =>
  db
    .select({
      id: rollouts.id,
      purpose: rollouts.purpose,
      role: rollouts.role,
      kind: rollouts.kind,
      text: rollouts.text,
      finish_reason: rollouts.finish_reason,
      policy_version: rollouts.policy_version,
      seed: rollouts.seed,
      parsed: grades.parsed,
      verdict: grades.verdict,
      reason: grades.reason,
      reward: grades.reward,
      success_rate: grades.success_rate,
      learnability: grades.learnability,
      tokens: tokenCount,
      advantage,
    })
    .from(rollouts)
    .leftJoin(grades, eq(grades.id, rollouts.id))
    .where(where)
    .orderBy(asc(rollouts.id))
    .limit(mostAnswers)
    .all()

/** A task by id or hash, with its origin and its results. */
function readTask(db: Db, ancestry: ReturnType<typeof createAncestry>, key: string) {
  const task = db
    .select()
    .from(tasks)
    .where(or(eq(tasks.id, key), and(eq(tasks.hash, key), eq(tasks.verdict, 'accepted'))))
    .limit(1)
    .get()
  if (!task) return null
  const parents = db
    .select({ hash: references.reference_hash, id: tasks.id, program: tasks.program })
    .from(references)
    .leftJoin(tasks, and(eq(tasks.hash, references.reference_hash), eq(tasks.verdict, 'accepted')))
    .where(eq(references.task_id, task.id))
    .orderBy(asc(references.position))
    .all()
  const worth = db
    .select({
      success_rate: grades.success_rate,
      learnability: grades.learnability,
      reward: grades.reward,
    })
    .from(grades)
    .where(eq(grades.id, task.id))
    .get()
  const found = ancestry.above(task.id)
  return {
    task,
    worth: worth ?? null,
    parents,
    proposal: rolloutsOf(db, eq(rollouts.id, task.id))[0] ?? null,
    // A proposal that got this task's program also has its hash, but is not an answer.
    answers: task.hash
      ? rolloutsOf(db, and(eq(rollouts.task_hash, task.hash), eq(rollouts.role, 'solver')))
      : [],
    ancestry: found,
    functions: ancestry.functionsIn([
      ...parents.map(({ hash }) => hash),
      ...found.flatMap(one => one.parents),
    ]),
    executions: db.select().from(executions).where(eq(executions.rollout_id, task.id)).all(),
  }
}

function readRollout(db: Db, id: string) {
  const row = db
    .select()
    .from(rollouts)
    .innerJoin(prompts, eq(prompts.hash, rollouts.prompt_hash))
    .leftJoin(grades, eq(grades.id, rollouts.id))
    .where(eq(rollouts.id, id))
    .get()
  if (!row) return null
  const { ids, logprobs, ...rollout } = row.rollouts
  const trained = db
    .select({ advantage: updateItems.advantage })
    .from(updateItems)
    .where(eq(updateItems.rollout_id, id))
    .orderBy(asc(updateItems.step))
    .get()
  return {
    rollout,
    advantage: trained?.advantage ?? null,
    prompt: row.prompts.text,
    ids: [...new Int32Array(toNumbers(ids))],
    logprobs: [...new Float32Array(toNumbers(logprobs))],
    grade: row.grades,
    executions: db.select().from(executions).where(eq(executions.rollout_id, id)).all(),
  }
}

export function createItem(db: Db) {
  const ancestry = createAncestry(db)
  return {
    task: (key: string) => readTask(db, ancestry, key),
    rollout: (id: string) => readRollout(db, id),
  }
}
