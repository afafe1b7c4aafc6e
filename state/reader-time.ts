/**
 * Finds when a step ended. No row has it, but the trace does: its messages name items, items name
 * their step, and steps follow each other. So it searches forward in growing leaps, and then halves
 * the last one.
 */
import { mostSteps } from '../domain/key.ts'
import type { Db } from './database.ts'

export type Moment = { seq: number; at_ms: number }

const now: Moment = { seq: Number.MAX_SAFE_INTEGER, at_ms: Number.MAX_SAFE_INTEGER }

/** About the number of messages in a small step. */
const firstLeap = 512

export function createTime(db: Db) {
  const { $client: client } = db
  const last = client.prepare('select coalesce(max(seq), 0) from messages').pluck()
  const lastMs = client.prepare('select at_ms from messages order by seq desc limit 1').pluck()
  /** The first message at or after a place that is about an item, and the item's step. */
  const next = client.prepare(
    `select seq, at_ms, cast(substr(item_id, 1, 6) as integer) as step from messages
     where seq >= ? and item_id is not null order by seq limit 1`,
  )
  const known = new Map<number, Moment>()

  return {
    /** The end of a step in ms since the epoch; for the last step, the end of the trace. */
    doneMs(step: number): number | null {
      const { at_ms } = this.endOf(step)
      if (at_ms !== now.at_ms) return at_ms
      return (lastMs.get() as number | undefined) ?? null
    },

    /** The place where the trace first mentions a later step, or its end. */
    endOf(step: number): Moment {
      if (step >= mostSteps) return now
      const found = known.get(step)
      if (found) return found
      let [low, high] = [known.get(step - 1)?.seq ?? 1, (last.get() as number) + 1]
      let moment: Moment = now
      // Each leap is twice as far as the last, until one is past the end of the step. Then halve.
      for (let leap = firstLeap, isPast = false; low < high; leap *= 2) {
        const middle = isPast ? Math.floor((low + high) / 2) : Math.min(low + leap, high - 1)
        const row = next.get(middle) as (Moment & { step: number }) | undefined
        if (row && row.step <= step) low = row.seq + 1
        else {
          if (row) moment = { seq: row.seq, at_ms: row.at_ms }
          high = middle
          isPast = true
        }
      }
      if (moment !== now) known.set(step, moment)
      return moment
    },
  }
}
