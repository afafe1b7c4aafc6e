/** What is wrong with a run, as lines: what stands still, then what its curves say. */
import { type RunState, statusOf } from '../../state/open.ts'
import type { Pages } from '../../state/reader-pages.ts'
import { hangsOf } from '../http/hangs.ts'
import { processTree } from '../processes.ts'
import { plain } from './terminal.ts'

export function worriesOf(pages: Pages, state: RunState): string[] {
  const processes = state.alive && state.pid !== null ? processTree(state.pid) : []
  const isPaused = statusOf(state) === 'paused'
  const told = { lastMs: pages.lastMs(), isPaused, nowMs: Date.now() }
  const hangs = state.alive ? hangsOf(pages.machines(), processes, told) : []
  const alarms = pages.alarms(state.step ?? 0)
  return [
    ...hangs.map(({ message }) => `stands still: ${plain(message)}`),
    ...alarms.map(
      ({ name, step, message, advice }) =>
        `alarm: ${name} since step ${step}: ${plain(message)}. ${plain(advice)}`,
    ),
  ]
}
