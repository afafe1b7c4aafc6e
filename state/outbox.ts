/**
 * Sends writes to the writer. Writes gather briefly, because waking the writer is the main cost of
 * a transaction. A crowd of writes is sent at once. While one transaction is committed, the next is
 * prepared. Packing is in batch.ts.
 */
import type { Backlog } from '../domain/health/vitals.ts'
import { revive } from './endpoint.ts'
import type { Write } from './types.ts'

export type Gathering = {
  /** How long the first write of a transaction waits for others. */
  gatherMs: number
  /** The number of writes that are sent at once. */
  crowd: number
}
/** For work that waits for its rows to be committed. */
export const awaited: Gathering = { gatherMs: 6, crowd: 48 }
/** For the trace, which nothing waits for. */
export const lazy: Gathering = { gatherMs: 100, crowd: 500 }

/** How long the duration of the last transaction is reported. */
const newsMs = 20_000

/** Transactions in flight: the writer commits one while the next is waiting for it. */
const mostUnderWay = 2

type Settle = { resolve: () => void; reject: (error: unknown) => void }

export type Outbox = {
  /** Settles when all of it is committed, or none. */
  add: (writes: readonly Write[]) => Promise<void>
  /** Sends waiting writes at once. */
  flush: () => void
  /** The rows that are not committed yet. */
  backlog: () => Backlog
  /** Drops waiting writes. Transactions in flight still commit. */
  close: () => void
}

const stopped = () => new DOMException('The run was stopped', 'AbortError')

/** The transactions in flight, and the duration of the last. Calls `onRoom` after each. */
function createTransit(commit: (writes: readonly Write[]) => Promise<unknown>, onRoom: () => void) {
  const underWay = new Set<{ sinceMs: number; rows: number }>()
  /** The first one waits for the writer to start, so its duration is not reported. */
  let hasBegun = false
  let last: { tookMs: number; endMs: number } | null = null
  return {
    isFull: () => underWay.size === mostUnderWay,
    async carry(writes: readonly Write[], settles: readonly Settle[]): Promise<void> {
      const sending = { sinceMs: performance.now(), rows: writes.length }
      underWay.add(sending)
      try {
        await commit(writes)
        for (const { resolve } of settles) resolve()
      } catch (error) {
        const why = revive(error)
        for (const { reject } of settles) reject(why)
      }
      underWay.delete(sending)
      const endMs = performance.now()
      if (hasBegun) last = { tookMs: endMs - sending.sinceMs, endMs }
      hasBegun = true
      onRoom()
    },
    /** Adds the rows that wait here. */
    backlog(waiting: number, waitingSinceMs: number): Backlog {
      const sent = [...underWay]
      const since = sent.map(({ sinceMs }) => sinceMs)
      if (waiting > 0) since.push(waitingSinceMs)
      const rows = sent.reduce((sum, { rows }) => sum + rows, waiting)
      const nowMs = performance.now()
      const oldest_ms = hasBegun && since.length > 0 ? nowMs - Math.min(...since) : 0
      const isNews = last !== null && nowMs - last.endMs < newsMs
      return { rows, oldest_ms, commit_ms: isNews ? (last?.tookMs ?? 0) : 0 }
    },
  }
}

export function createOutbox(
  commit: (writes: readonly Write[]) => Promise<unknown>,
  { gatherMs, crowd }: Gathering = awaited,
): Outbox {
  const transit = createTransit(commit, () => look())
  let waiting: Write[] = []
  let settles: Settle[] = []
  let waitingSinceMs = 0
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  function look(): void {
    if (transit.isFull() || waiting.length === 0) return
    if (waiting.length >= crowd) send()
    else timer ??= setTimeout(send, gatherMs)
  }

  function send(): void {
    if (timer) clearTimeout(timer)
    timer = null
    if (waiting.length === 0) return
    const [writes, mine] = [waiting, settles]
    waiting = []
    settles = []
    void transit.carry(writes, mine)
  }

  return {
    add(writes) {
      if (isClosed) return Promise.reject(stopped())
      if (writes.length === 0) return Promise.resolve()
      if (waiting.length === 0) waitingSinceMs = performance.now()
      for (const write of writes) waiting.push(write)
      const done = new Promise<void>((resolve, reject) => settles.push({ resolve, reject }))
      look()
      return done
    },
    flush: send,
    backlog: () => transit.backlog(waiting.length, waitingSinceMs),
    close() {
      isClosed = true
      for (const { reject } of settles) reject(stopped())
      waiting = []
      settles = []
    },
  }
}
