/** The working time of a run: the wall time of all its sessions, without pauses. */

export type LifeEvent = { at_ms: number; event: string }

const begins = ['started', 'resumed', 'command.resume']
const ends = ['finished', 'stopped', 'interrupted', 'failed', 'command.pause']

/**
 * `events` are oldest first. A killed session has no end event; `lastSeen` gives the newest sign of
 * life before a time.
 */
export function workedMs(
  events: readonly LifeEvent[],
  lastSeen: (beforeMs: number) => number | null,
): number {
  let total = 0
  let since: number | null = null
  const close = (atMs: number) => {
    if (since !== null) total += Math.max(0, atMs - since)
    since = null
  }
  for (const { at_ms: atMs, event } of events) {
    if (event === 'resumed' || event === 'started') close(lastSeen(atMs) ?? atMs)
    if (begins.includes(event)) since ??= atMs
    else if (ends.includes(event)) close(atMs)
  }
  if (since !== null) close(lastSeen(Number.POSITIVE_INFINITY) ?? since)
  return total
}
