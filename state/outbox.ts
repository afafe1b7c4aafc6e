/**
 * Writes on their way to the writer. They gather for a moment, as each transaction wakes the
 * writer, which is what costs; a crowd goes at once, and while one transaction is under way the
 * next is on its way. Not here: what a transaction is made of.
 */
import type { Backlog } from '../domain/health/vitals.ts'
import { revive } from './endpoint.ts'
import type { Write } from './types.ts'

export type Gathering = {
  /** How long the first of a transaction waits for others. */
  gatherMs: number
  /** So many go at once. */
  crowd: number
}
/** Of work that waits for its rows. */
export const awaited: Gathering = { gatherMs: 6, crowd: 48 }
/** Of the trace, for which nobody waits. */
export const lazy: Gathering = { gatherMs: 100, crowd: 500 }

/** What a transaction took is told for so long. */
const newsMs = 20_000

/** Transactions on their way: the writer does one, and the next lies ready. */
const mostUnderWay = 2

type Settle = { resolve: () => void; reject: (error: unknown) => void }

export type Outbox = {
  /** Settles once it is committed, all of it, or not at all. */
  add: (writes: readonly Write[]) => Promise<void>
  /** Sends what waits at once. */
  flush: () => void
  /** What is on its way. */
  backlog: () => Backlog
  /** Drops what waits; what is under way still commits. */
  close: () => void
}

const stopped = () => new DOMException('The run was stopped', 'AbortError')

/** Transactions under way, and what the last one took. `onRoom` hears of the end of each. */
function createTransit(commit: (writes: readonly Write[]) => Promise<unknown>, onRoom: () => void) {
  const underWay = new Set<{ sinceMs: number; rows: number }>()
  /** The first waits for the writer to start: it is not told. */
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
    /** With the rows that wait for it. */
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
