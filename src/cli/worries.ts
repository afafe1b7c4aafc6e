/** The problems of a run, as lines: first what hangs, then the alarms of its curves. */

import { hangsOf } from '../../domain/health/hangs.ts'
import { span } from '../../lib/formats.ts'
import { oneLine } from '../../lib/terminal.ts'
import { type RunState, statusOf } from '../../state/open.ts'
import type { Pages } from '../../state/reader-pages.ts'
import { runProcesses } from '../config/processes.ts'

/** How long restarts are reported. */
const recentMs = 10 * 60_000

export function worriesOf(pages: Pages, state: RunState): string[] {
  const { alive, pid } = state
  const processes = alive && pid !== null ? runProcesses(pid) : []
  const nowMs = Date.now()
  const isPaused = statusOf(state) === 'paused'
  const seen = { machines: pages.machines(), processes, vitals: pages.vitals() }
  const hangs = alive ? hangsOf({ ...seen, pid, isPaused, nowMs }) : []
  const alarms = pages.alarms(state.step ?? 0)
  const failure = alive ? null : pages.failure()
  const restarts = pages.restarts(nowMs - recentMs).map(({ event, at_ms, detail }) => {
    const { error } = (detail ?? {}) as { error?: string }
    const what = event.split('.')[0]
    return `restarted: ${what} ${span(nowMs - at_ms)} ago${error ? ` as ${oneLine(error)}` : ''}`
  })
  return [
    ...(failure === null ? [] : [`failed: ${oneLine(failure)}`]),
    ...hangs.map(({ message }) => `hangs: ${oneLine(message)}`),
    ...(alive ? restarts : []),
    ...alarms.map(
      ({ name, step, message, advice }) =>
        `alarm: ${name} since step ${step}: ${oneLine(message)}. ${oneLine(advice)}`,
    ),
  ]
}
