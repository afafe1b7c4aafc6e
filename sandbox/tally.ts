/** Counts what a sandbox does, for metrics and the doctor. Outcomes never depend on it. */

import { type Layer, type Metrics, outcomes } from '../domain/execution.ts'
import type { Role } from './process.ts'

export type Tally = Metrics & { layers: Map<Role, Layer[]> }

export function createTally(): Tally {
  return {
    outcomes: Object.fromEntries(outcomes.map(name => [name, 0])) as Metrics['outcomes'],
    shared: 0,
    alone: 0,
    batches: 0,
    anomalies: 0,
    audited: 0,
    mismatches: 0,
    restarts: 0,
    retries: 0,
    layers: new Map(),
  }
}

export function metricsOf({ layers: _, ...metrics }: Tally): Metrics {
  return { ...metrics, outcomes: { ...metrics.outcomes } }
}

/** The layers of the process that has the fewest. */
export function weakest({ layers }: Tally): Layer[] {
  const count = (found: Layer[]) => found.filter(({ on }) => on).length
  const servers = [...layers].filter(([{ name }]) => name === 'server').map(([, found]) => found)
  return servers.sort((a, b) => count(a) - count(b))[0] ?? []
}
