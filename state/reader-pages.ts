/** What the HTTP API and the commands that look at runs read: pages, by cursor. */

import type { Db } from './database.ts'
import { and, asc, desc, eq, gt, inArray, lt, or, sql } from './drizzle.ts'
import { createAncestry } from './reader-ancestry.ts'
import { createFrontier } from './reader-frontier.ts'
import { createHealth } from './reader-health.ts'
import { createLearning } from './reader-learning.ts'
import { createNow } from './reader-now.ts'
import { createSearch } from './reader-search.ts'
import { createTime } from './reader-time.ts'
import { type Row, tables } from './schema/index.ts'

const { steps, tasks, task_references: references, rollouts, executions, grades } = tables
const { prompts, metrics, evaluations, messages, run_events: events } = tables
const { update_items: updateItems } = tables

export type MachineRow = {
  actor: string
  state: string
  since_ms: number
  deadline_ms: number
  last_message: { type: string; at_ms: number } | null
}

/**
 * From sender to sender through the partial index, which holds as many rows as there were changes:
 * the newest of each up to a place in the trace.
 */
const newestStates = (before: number) => `
  with recursive senders (sender) as (
    select min(sender) from messages where type = 'machine.changed'
    union all
    select (select min(sender) from messages
      where type = 'machine.changed' and sender > senders.sender)
    from senders where sender is not null)
  select (select max(seq) from messages
    where type = 'machine.changed' and messages.sender = senders.sender and seq < ${before}) as seq
  from senders where sender is not null`

/** Of one name, or of those that begin so. */
const mostPoints = 200_000

const toNumbers = (bytes: Uint8Array) => new Uint8Array(bytes).buffer

export function createPages(db: Db) {
  const rolloutsOf = (where: ReturnType<typeof eq>) =>
    db
      .select({
        ...{ id: rollouts.id, purpose: rollouts.purpose, role: rollouts.role, kind: rollouts.kind },
        ...{ text: rollouts.text, finish_reason: rollouts.finish_reason },
        ...{ policy_version: rollouts.policy_version, seed: rollouts.seed, parsed: grades.parsed },
        ...{ verdict: grades.verdict, reason: grades.reason, reward: grades.reward },
      })
      .from(rollouts)
      .leftJoin(grades, eq(grades.id, rollouts.id))
      .where(where)
      .orderBy(asc(rollouts.id))
      .limit(200)
      .all()
  // In the order of the index, and as plain values: a long run has a hundred thousand of them.
  const pointsOf = db.$client
    .prepare(
      `select name, step, value from metrics
       where name between ? and ? and step <= ? order by name, step limit ?`,
    )
    .raw()
  const ancestry = createAncestry(db)
  const time = createTime(db)
  const learning = createLearning(db, time)
  const now = createNow(db)
  return {
    ...learning,
    ...createSearch(db),
    ...now,
    ...createFrontier(db),
    ...createHealth(db, learning.heldOut, time),

    steps: (after: number, limit: number): Row<'steps'>[] =>
      db
        .select()
        .from(steps)
        .where(gt(steps.step, after))
        .orderBy(asc(steps.step))
        .limit(limit)
        .all(),

    /** A task by id or hash, with where it came from and what became of it. */
    task(key: string) {
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
        .leftJoin(
          tasks,
          and(eq(tasks.hash, references.reference_hash), eq(tasks.verdict, 'accepted')),
        )
        .where(eq(references.task_id, task.id))
        .orderBy(asc(references.position))
        .all()
      return {
        task,
        parents,
        proposal: rolloutsOf(eq(rollouts.id, task.id))[0] ?? null,
        answers: task.hash ? rolloutsOf(eq(rollouts.task_hash, task.hash)) : [],
        ancestry: ancestry.above(task.id),
        executions: db.select().from(executions).where(eq(executions.rollout_id, task.id)).all(),
      }
    },

    rollout(id: string) {
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
    },

    /** Curves: [step, value] by name; names may end in `*`. */
    metrics(names: string[], until = Number.MAX_SAFE_INTEGER): Record<string, [number, number][]> {
      const curves: Record<string, [number, number][]> = {}
      for (const name of names.length > 0 ? names : ['*']) {
        const isPrefix = name.endsWith('*')
        const first = isPrefix ? name.slice(0, -1) : name
        const last = isPrefix ? `${first}\u{10ffff}` : name
        const points = pointsOf.all(first, last, until, mostPoints) as [string, number, number][]
        for (const [name, step, value] of points) {
          if (!Number.isFinite(value)) continue
          curves[name] ??= []
          curves[name].push([step, value])
        }
      }
      return curves
    },

    evaluations: (): Row<'evaluations'>[] =>
      db.select().from(evaluations).orderBy(asc(evaluations.step), asc(evaluations.suite)).all(),

    /** The state of each actor, and what it last heard or said: now, or when a step was over. */
    machines(until = Number.MAX_SAFE_INTEGER): MachineRow[] {
      const { seq: end } = time.endOf(until)
      const seqs = db
        .all<{ seq: number | null }>(sql.raw(newestStates(end)))
        .map(({ seq }) => seq ?? 0)
      const rows = db.select().from(messages).where(inArray(messages.seq, seqs)).all()
      const recent = db
        .select()
        .from(messages)
        .where(lt(messages.seq, end))
        .orderBy(desc(messages.seq))
        .limit(400)
        .all()
      // Where others have much to say, an actor's last word lies further back.
      const heard = now.vitals(end)?.taken.heard ?? {}
      return rows.map(({ sender, at_ms, body }) => {
        const { state, deadlineMs } = body as { state: string; deadlineMs: number }
        const last =
          recent.find(
            row => row.type !== 'machine.changed' && [row.sender, row.receiver].includes(sender),
          ) ?? heard[sender]
        return {
          actor: sender,
          state,
          since_ms: at_ms,
          deadline_ms: deadlineMs,
          last_message: last ? { type: last.type, at_ms: last.at_ms } : null,
        }
      })
    },

    /** When a step was over, ms since the epoch; null: it is not, or nothing tells. */
    endedMs(step: number): number | null {
      const { at_ms } = time.endOf(step)
      return at_ms === Number.MAX_SAFE_INTEGER ? null : at_ms
    },

    messages: (after: number, limit: number, types: string[]): Row<'messages'>[] =>
      db
        .select()
        .from(messages)
        .where(
          and(
            gt(messages.seq, after),
            types.length > 0 ? inArray(messages.type, types) : undefined,
          ),
        )
        .orderBy(asc(messages.seq))
        .limit(limit)
        .all(),

    lastMessage: (): number =>
      db.select({ seq: messages.seq }).from(messages).orderBy(desc(messages.seq)).limit(1).get()
        ?.seq ?? 0,

    /** Sums over all finished steps, and the last of them. */
    totals: () =>
      db
        .select({
          steps: sql<number>`count(*)`,
          proposals: sql<number>`coalesce(sum(${steps.proposals}), 0)`,
          accepted: sql<number>`coalesce(sum(${steps.accepted}), 0)`,
          rollouts: sql<number>`coalesce(sum(${steps.rollouts}), 0)`,
          executions: sql<number>`coalesce(sum(${steps.executions}), 0)`,
          trained: sql<number>`coalesce(sum(${steps.trained}), 0)`,
          wall_ms: sql<number>`coalesce(sum(${steps.wall_ms}), 0)`,
          last_step: sql<number>`coalesce(max(${steps.step}), -1)`,
        })
        .from(steps)
        .get()!,

    /** The figures of one step by name. */
    figures: (step: number): Record<string, number> =>
      Object.fromEntries(
        db
          .select({ name: metrics.name, value: metrics.value })
          .from(metrics)
          .where(eq(metrics.step, step))
          .all()
          .map(({ name, value }) => [name, value]),
      ),

    events: (limit: number): Row<'run_events'>[] =>
      db.select().from(events).orderBy(desc(events.seq)).limit(limit).all(),
  }
}

export type Pages = ReturnType<typeof createPages>
export type PageName = keyof Pages
