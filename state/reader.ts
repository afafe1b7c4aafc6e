/**
 * Queries of the actors' work, on a read-only connection in its own thread. The HTTP API's queries
 * are in reader-pages.ts.
 */

import type { SolverVerdict } from '../domain/reward.ts'
import type { Kind } from '../domain/task.ts'
import type { Db } from './database.ts'
import { and, asc, desc, eq, inArray, lte, sql } from './drizzle.ts'
import { inParts } from './parts.ts'
import { createBest } from './reader-best.ts'
import { commandReads } from './reader-commands.ts'
import { corpusReads } from './reader-corpus.ts'
import { createHealth } from './reader-health.ts'
import { createLearning } from './reader-learning.ts'
import { recallReads } from './reader-recall.ts'
import { createStepReads } from './reader-step.ts'
import { createTime } from './reader-time.ts'
import { type Row, tables } from './schema/index.ts'

const {
  run,
  run_events: events,
  steps,
  tasks,
  prompts,
  rollouts,
  grades,
  updates,
  update_items: items,
  policies,
  checkpoints,
  evaluations,
  evaluation_items: evaluated,
  suite_items: suiteItems,
} = tables

/** The material for the tasks of a step. */
const taskReads = (db: Db) => ({
  /** The newest `limit` accepted tasks of a kind up to a step, oldest first. */
  buffer(kind: Kind, lastStep: number, limit: number): { id: string; hash: string }[] {
    const mine = and(eq(tasks.kind, kind), eq(tasks.verdict, 'accepted'), lte(tasks.step, lastStep))
    const found = db
      .select({ id: tasks.id, hash: tasks.hash })
      .from(tasks)
      .where(mine)
      .orderBy(desc(tasks.id))
      .limit(limit)
      .all()
    return found.reverse().map(({ id, hash }) => ({ id, hash: hash as string }))
  },

  /** Accepted tasks by hash, in the order of their ids. */
  tasksByHash(hashes: string[]): Row<'tasks'>[] {
    // The plus keeps SQLite from the index of verdicts: it would read all accepted tasks.
    const isAccepted = sql`+${tasks.verdict} = 'accepted'`
    return inParts(hashes).flatMap(some =>
      db
        .select()
        .from(tasks)
        .where(and(inArray(tasks.hash, some), isAccepted))
        .orderBy(asc(tasks.id))
        .all(),
    )
  },

  /** Verdicts on answers to tasks up to a step, in the order of their ids. */
  answers: (lastStep: number): { task: string; verdict: SolverVerdict }[] =>
    db
      .select({ task: rollouts.task_hash, verdict: grades.verdict })
      .from(grades)
      .innerJoin(rollouts, eq(rollouts.id, grades.id))
      .where(and(eq(grades.role, 'solver'), lte(grades.step, lastStep)))
      .orderBy(asc(grades.id))
      .all() as { task: string; verdict: SolverVerdict }[],
})

/** The sources of weights: checkpoints, and the updates since. */
const weightReads = (db: Db) => ({
  lastStep: (): number | null =>
    db.select({ step: steps.step }).from(steps).orderBy(desc(steps.step)).limit(1).get()?.step ??
    null,

  /** The newest checkpoint up to a step. */
  checkpoint: (lastStep: number): Row<'checkpoints'> | undefined =>
    db
      .select()
      .from(checkpoints)
      .where(lte(checkpoints.step, lastStep))
      .orderBy(desc(checkpoints.step))
      .limit(1)
      .get(),

  checkpoints: (): Row<'checkpoints'>[] =>
    db.select().from(checkpoints).orderBy(asc(checkpoints.step)).all(),

  policy: (version: number): Row<'policies'> | undefined =>
    db.select().from(policies).where(eq(policies.version, version)).get(),

  /** The recorded batch of an update, in order: the redo log. */
  batch: (step: number) =>
    db
      .select({
        rollout_id: items.rollout_id,
        advantage: items.advantage,
        weight: items.weight,
        minibatch: items.minibatch,
        role: rollouts.role,
        kind: rollouts.kind,
        ids: rollouts.ids,
        logprobs: rollouts.logprobs,
        prompt_ids: prompts.ids,
      })
      .from(items)
      .innerJoin(rollouts, eq(rollouts.id, items.rollout_id))
      .innerJoin(prompts, eq(prompts.hash, rollouts.prompt_hash))
      .where(eq(items.step, step))
      .orderBy(asc(items.position))
      .all(),
})

/** The inputs of the learner. */
const tokenReads = (db: Db) => ({
  /** Ids of prompt and completion of some rollouts, in the given order. */
  sequences(ids: string[]): Uint8Array[][] {
    const found = db
      .select({ id: rollouts.id, ids: rollouts.ids, prompt: prompts.ids })
      .from(rollouts)
      .innerJoin(prompts, eq(prompts.hash, rollouts.prompt_hash))
      .where(inArray(rollouts.id, ids))
      .all()
    const byId = new Map(found.map(row => [row.id, [row.prompt, row.ids]]))
    return ids.flatMap(id => (byId.has(id) ? [byId.get(id) as Uint8Array[]] : []))
  },

  /** The prompt of a rollout; null if there is no such rollout. */
  promptText: (id: string): string | null =>
    db
      .select({ text: prompts.text })
      .from(rollouts)
      .innerJoin(prompts, eq(prompts.hash, rollouts.prompt_hash))
      .where(eq(rollouts.id, id))
      .get()?.text ?? null,

  /** Prompt ids of some prompts, by hash. */
  promptIds(hashes: string[]): [string, Uint8Array][] {
    const rows = inParts(hashes).flatMap(some =>
      db
        .select({ hash: prompts.hash, ids: prompts.ids })
        .from(prompts)
        .where(inArray(prompts.hash, some))
        .all(),
    )
    return rows.map(({ hash, ids }) => [hash, ids])
  },

  /** Ids of step 0's rollouts, in order. Probes are drawn from them. */
  seedRollouts: (): string[] =>
    db
      .select({ id: rollouts.id })
      .from(rollouts)
      .where(and(eq(rollouts.step, 0), eq(rollouts.purpose, 'seed')))
      .orderBy(asc(rollouts.id))
      .all()
      .map(({ id }) => id),
})

/** The run's row and its events. */
const lifeReads = (db: Db) => ({
  run: (): Row<'run'> | undefined => db.select().from(run).get(),

  /** The items of held-out suites, in order. */
  suiteItems: (): Row<'suite_items'>[] =>
    db.select().from(suiteItems).orderBy(suiteItems.suite, suiteItems.kind, suiteItems.item).all(),

  /** Every judged answer of a step's policy to a suite's item. */
  evaluationItems: (step: number): Row<'evaluation_items'>[] =>
    db.select().from(evaluated).where(eq(evaluated.step, step)).orderBy(asc(evaluated.id)).all(),

  /** Rows of all suites' scores, oldest first. */
  evaluations: (): Row<'evaluations'>[] =>
    db.select().from(evaluations).orderBy(asc(evaluations.step), asc(evaluations.suite)).all(),

  update: (step: number): Row<'updates'> | undefined =>
    db.select().from(updates).where(eq(updates.step, step)).get(),

  /** The longest context that the run has had. Tasks may need all of it. */
  longestContext: (): number | null =>
    db
      .select({ most: sql<number | null>`max(json_extract(${events.detail}, '$.maxLength'))` })
      .from(events)
      .get()?.most ?? null,

  /** The number of steps that the run was last asked for; null before it starts. */
  askedSteps: (): number | null =>
    db
      .select({ most: sql<number | null>`max(json_extract(${events.detail}, '$.steps'))` })
      .from(events)
      .where(inArray(events.event, ['started', 'resumed']))
      .get()?.most ?? null,

  lastEvent: (): Row<'run_events'> | undefined =>
    db.select().from(events).orderBy(desc(events.seq)).limit(1).get(),

  /** Whether the owner was told to pause, whatever happened since. */
  isHeld: (): boolean =>
    db
      .select({ event: events.event })
      .from(events)
      .where(inArray(events.event, ['opened', 'command.pause', 'command.resume']))
      .orderBy(desc(events.seq))
      .limit(1)
      .get()?.event === 'command.pause',
})

export function createReader(db: Db) {
  const time = createTime(db)
  const learning = createLearning(db, time)
  return {
    ...learning,
    ...createHealth(db, learning.heldOut, time),
    ...createBest(db),
    ...taskReads(db),
    ...createStepReads(db),
    ...recallReads(db),
    ...corpusReads(db),
    ...commandReads(db),
    ...weightReads(db),
    ...tokenReads(db),
    ...lifeReads(db),
  }
}

export type Reader = ReturnType<typeof createReader>
