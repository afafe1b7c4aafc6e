/**
 * The pulse of a run's process: how much waits in each queue. It is sent every few seconds in any
 * state, so its arrival shows that the process and its writer are alive.
 */

export type QueueDepth = {
  waiting: number
  /** Sent out, without an answer yet. */
  flying: number
  /** The limit of items in flight. */
  most: number
  /** Time since an item was last sent or answered. */
  still_ms: number
}

/** Rows that are waiting to be written to disk. */
export type Backlog = {
  rows: number
  /** How long the oldest of them has waited; 0 if none waits. */
  oldest_ms: number
  /** Duration of the last transaction if it was recent; else 0. */
  commit_ms: number
}

export type Heard = Record<string, { type: string; at_ms: number }>

export type Vitals = {
  pid: number
  queues: { samples: QueueDepth; checks: QueueDepth }
  writes: Backlog
  /** The last message of each actor. */
  heard: Heard
}

/** The type of the message that carries a pulse. */
export const vitalsType = 'vitals.taken'
export const vitalsEveryMs = 2000
