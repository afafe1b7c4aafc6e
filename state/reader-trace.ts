/** Reads the actors' messages and states: now, or at the end of a step. */
import type { MachineRow } from '../domain/health/hangs.ts'
import type { Db } from './database.ts'
import { and, asc, desc, gt, inArray, lt, sql } from './drizzle.ts'
import type { createNow } from './reader-now.ts'
import type { createTime } from './reader-time.ts'
import { type Row, tables } from './schema/index.ts'

const { messages } = tables

/**
 * Goes from sender to sender through the partial index, which has one row per change: the newest of
 * each sender up to a place in the trace.
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

type Now = ReturnType<typeof createNow>
type Time = ReturnType<typeof createTime>
type Message = { type: string; at_ms: number }

/** An actor's last change, with its last message: the newest of `recent`, else what it `heard`. */
function machineOf(
  { sender, at_ms, body }: Row<'messages'>,
  recent: Row<'messages'>[],
  heard: Record<string, Message>,
): MachineRow {
  const { state, deadlineMs } = body as { state: string; deadlineMs: number }
  const isItsOwn = (row: Row<'messages'>) =>
    row.type !== 'machine.changed' && [row.sender, row.receiver].includes(sender)
  const last = recent.find(isItsOwn) ?? heard[sender]
  return {
    actor: sender,
    state,
    since_ms: at_ms,
    deadline_ms: deadlineMs,
    last_message: last ? { type: last.type, at_ms: last.at_ms } : null,
  }
}

export function createTrace(db: Db, now: Now, time: Time) {
  return {
    /** The state and the last message of each actor: now, or at the end of a step. */
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
      // An actor's last message is further back if others send many.
      const heard = now.vitals(end)?.taken.heard ?? {}
      return rows.map(row => machineOf(row, recent, heard))
    },

    /**
     * When a step ended, in ms since the epoch; null if it has not, or if the trace does not show
     * it.
     */
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
  }
}
