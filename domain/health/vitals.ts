/**
 * The pulse of a run's process: what waits where, told every few seconds whatever goes on. That it
 * comes says that the process and its writer live.
 */

export type QueueDepth = {
  waiting: number
  /** Handed out, no answer yet. */
  flying: number
  /** As many may be handed out at once. */
  most: number
  /** How long ago one came back or was handed out. */
  still_ms: number
}

/** Rows on their way to the disk. */
export type Backlog = {
  rows: number
  /** How long the oldest of them has waited; 0: none does. */
  oldest_ms: number
  /** What the last transaction took, if it ended of late; else 0. */
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

/** The message that carries it. */
export const vitalsType = 'vitals.taken'
export const vitalsEveryMs = 2000
