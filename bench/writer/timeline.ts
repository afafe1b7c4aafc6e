/** Reads the writes of a recorded step, each with the moment when it was requested. */
import { join } from 'node:path'
import { formatKey, formatStep, parseKey } from '../../domain/key.ts'
import { type Db, openForReading } from '../../state/database.ts'
import { and, asc, eq, inArray, sql } from '../../state/drizzle.ts'
import { createReader } from '../../state/reader.ts'
import { type TableName, tables } from '../../state/schema/index.ts'
import type { Write } from '../../state/types.ts'

const { messages, metrics, policies, prompts, steps, task_references, update_items } = tables

export type Moment = { atMs: number; writes: Write[]; isTrace: boolean }
export type Timeline = { step: number; wallMs: number; rollouts: number; moments: Moment[] }

const writesOf = (table: TableName, rows: object[]): Write[] =>
  rows.map(row => ({ table, row }) as Write)

/** Messages from the first of the step's items to the last. */
function messagesOf(db: Db, step: number) {
  const mine = sql`${messages.item_id} like ${`${formatStep(step)}.%`}`
  const bounds = db
    .select({ first: sql<number>`min(seq)`, last: sql<number>`max(seq)` })
    .from(messages)
    .where(mine)
    .get()
  const between = sql`${messages.seq} between ${bounds?.first ?? 0} and ${bounds?.last ?? 0}`
  return db.select().from(messages).where(between).orderBy(asc(messages.seq)).all()
}

function itemsOf(db: Db, step: number) {
  const rows = createReader(db).stepRows(step)
  const hashes = [...new Set(rows.rollouts.map(row => row.prompt_hash))]
  const texts = db.select().from(prompts).where(inArray(prompts.hash, hashes)).all()
  const promptOf = new Map(texts.map(row => [row.hash, row]))
  const executions = Map.groupBy(rows.executions, row => row.rollout_id)
  const ran = (id: string) => writesOf('executions', executions.get(id) ?? [])
  const byId = <T extends { id: string }>(list: T[]) => new Map(list.map(row => [row.id, row]))
  const [rollouts, grades] = [byId(rows.rollouts), byId(rows.grades)]
  const groups = Map.groupBy(rows.rollouts, ({ id }) => formatKey({ ...parseKey(id), sample: 0 }))
  /** All rows that are committed with a message, which names the first of a task's answers. */
  const made = (type: string, id: string): Write[] => {
    const mine = groups.get(id) ?? []
    if (type.endsWith('.drafted')) {
      const prompt = promptOf.get(mine[0]?.prompt_hash ?? '')
      return [...writesOf('rollouts', mine), ...(prompt ? writesOf('prompts', [prompt]) : [])]
    }
    if (type === 'task.validated') return ran(id)
    if (type !== 'answer.graded') return []
    const verdicts = mine.flatMap(rollout => grades.get(rollout.id) ?? [])
    return [...writesOf('grades', verdicts), ...mine.flatMap(rollout => ran(rollout.id))]
  }
  const answered = (id: string) => rollouts.get(id)?.role === 'solver'
  const proposals = rows.grades.filter(({ id }) => !answered(id))
  return { rows, made, proposals }
}

/** The rows at the end of a step: tasks, rewards of proposals, the update, the step itself. */
function closing(db: Db, step: number, { rows, proposals }: ReturnType<typeof itemsOf>): Write[][] {
  const prefix = sql`substr(${task_references.task_id}, 1, 6) = ${formatStep(step)}`
  const own = { update_items, metrics } as const
  const [items, figures] = Object.values(own).map(table =>
    db.select().from(table).where(eq(table.step, step)).all(),
  )
  const references = db.select().from(task_references).where(prefix).all()
  const policy = db.select().from(policies).where(eq(policies.version, step)).all()
  const finished = db
    .select()
    .from(steps)
    .where(and(eq(steps.step, step)))
    .all()
  return [
    [...writesOf('tasks', rows.tasks), ...writesOf('task_references', references)],
    writesOf('grades', proposals),
    [...writesOf('updates', rows.updates), ...writesOf('update_items', items ?? [])],
    writesOf('policies', policy),
    [...writesOf('metrics', figures ?? []), ...writesOf('steps', finished)],
  ]
}

/** The last two finished steps of a run, at their own pace. */
export function readTimelines(folder: string): [Timeline, Timeline] {
  const { client, db } = openForReading(join(folder, 'run.db'))
  try {
    const last = createReader(db).lastStep() ?? 0
    if (last < 2) throw new Error(`Cannot measure ${folder}: it needs two finished steps after 0`)
    return [timelineOf(db, last - 1), timelineOf(db, last)]
  } finally {
    client.close()
  }
}

function timelineOf(db: Db, step: number): Timeline {
  const row = db.select().from(steps).where(eq(steps.step, step)).get()!
  const said = messagesOf(db, step)
  const items = itemsOf(db, step)
  const begun = said[0]?.at_ms ?? 0
  const moments = said.flatMap(({ seq: _, ...message }): Moment[] => {
    const atMs = message.at_ms - begun
    const writes = message.item_id === null ? [] : items.made(message.type, message.item_id)
    const trace = { atMs, writes: writesOf('messages', [message]), isTrace: true }
    return writes.length > 0 ? [{ atMs, writes, isTrace: false }, trace] : [trace]
  })
  const end = moments.at(-1)?.atMs ?? 0
  const rest = closing(db, step, items).filter(writes => writes.length > 0)
  moments.push(...rest.map(writes => ({ atMs: end, writes, isTrace: false })))
  return { step, wallMs: row.wall_ms, rollouts: row.rollouts, moments }
}
