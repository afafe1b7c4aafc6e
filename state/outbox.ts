/**
 * Writes on their way to the writer. They gather for a moment, as each transaction wakes the writer,
 * which is what costs; a crowd goes at once, and while one transaction is under way the next is on
 * its way. Not here: what a transaction is made of.
 */
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

/** Transactions on their way: the writer does one, and the next lies ready. */
const mostUnderWay = 2

type Settle = { resolve: () => void; reject: (error: unknown) => void }

export type Outbox = {
  /** Settles once it is committed, all of it, or not at all. */
  add: (writes: readonly Write[]) => Promise<void>
  /** Sends what waits at once. */
  flush: () => void
  /** Drops what waits; what is under way still commits. */
  close: () => void
}

const stopped = () => new DOMException('The run was stopped', 'AbortError')

export function createOutbox(
  commit: (writes: readonly Write[]) => Promise<unknown>,
  { gatherMs, crowd }: Gathering = awaited,
): Outbox {
  let waiting: Write[] = []
  let settles: Settle[] = []
  let underWay = 0
  let timer: NodeJS.Timeout | null = null
  let isClosed = false

  function look(): void {
    if (underWay === mostUnderWay || waiting.length === 0) return
    if (waiting.length >= crowd) void send()
    else timer ??= setTimeout(send, gatherMs)
  }

  async function send(): Promise<void> {
    if (timer) clearTimeout(timer)
    timer = null
    if (waiting.length === 0) return
    const [writes, mine] = [waiting, settles]
    waiting = []
    settles = []
    underWay += 1
    try {
      await commit(writes)
      for (const { resolve } of mine) resolve()
    } catch (error) {
      const why = revive(error)
      for (const { reject } of mine) reject(why)
    }
    underWay -= 1
    look()
  }

  return {
    add(writes) {
      if (isClosed) return Promise.reject(stopped())
      for (const write of writes) waiting.push(write)
      const done = new Promise<void>((resolve, reject) => settles.push({ resolve, reject }))
      look()
      return done
    },
    flush: () => void send(),
    close() {
      isClosed = true
      for (const { reject } of settles) reject(stopped())
      waiting = []
      settles = []
    },
  }
}
