/** Curves of a sandbox's own counts: `sandbox.restarts`, `sandbox.outcome.returned`. */
import type { Metrics, Sandbox } from '../../../domain/execution.ts'

function flat({ outcomes, ...counts }: Metrics): Record<string, number> {
  const byOutcome = Object.entries(outcomes).map(([name, count]) => [`outcome.${name}`, count])
  return { ...counts, ...Object.fromEntries(byOutcome) }
}

/** Each call returns the counts since the last one, so that the steps of a run add up. */
export function createSandboxCounts(sandbox: Pick<Sandbox, 'metrics'>) {
  let before: Record<string, number> = {}
  return (): Record<string, number> => {
    const now = flat(sandbox.metrics())
    const since = Object.entries(now).map(([name, count]) => {
      return [`sandbox.${name}`, count - (before[name] ?? 0)]
    })
    before = now
    return Object.fromEntries(since)
  }
}
