/**
 * The display below a run's lines: its activity and remaining time, the accuracy of each kind as
 * bars, valid proposals, throughput, the page's address. A hang is printed as a line.
 */

import { hangsOf } from '../../domain/health/hangs.ts'
import { byKind, mean } from '../../domain/metrics.ts'
import { percent } from '../../lib/formats.ts'
import { plain, type Terminal } from '../../lib/terminal.ts'
import type { NewRow } from '../../state/types.ts'
import { runProcesses } from '../config/processes.ts'
import type { World } from '../run/world.ts'
import { createCountdown, createPace, isEvaluating, statusLine } from './progress.ts'
import { bars } from './score-table.ts'

type Metrics = Record<string, number>
type StepRow = NewRow<'steps'>

const redrawMs = 200
const lookMs = 5000
/** The steps that fit into one bar chart. */
const shown = 8

/** `ded ▂▃▅ 64%  abd ▁▂▂ 31%  ind ▁▁▂ 9%  valid 82%  41 rollouts/s`; empty before step 1. */
export function learnedLine(rows: readonly { row: StepRow; metrics: Metrics }[]): string {
  const last = rows.at(-1)
  if (!last) return ''
  const known = Object.assign({}, ...rows.map(({ metrics }) => metrics)) as Metrics
  const ofKind = byKind(known, 'accuracy').map(([kind, now]) => {
    const values = rows.flatMap(({ metrics }) => metrics[`accuracy.${kind}`] ?? [])
    return `${kind.slice(0, 3)} ${bars(values, shown)} ${percent(now)}`
  })
  const valid = mean(byKind(last.metrics, 'valid').map(([, share]) => share))
  const seconds = last.row.wall_ms / 1000
  const pace = seconds > 0 ? [`${(last.row.rollouts / seconds).toFixed(0)} rollouts/s`] : []
  return [...ofKind, ...(valid === null ? [] : [`valid ${percent(valid)}`]), ...pace].join('  ')
}

/** Each hang is reported once while it lasts. */
function createAlarm(terminal: Terminal, world: World) {
  let told = new Set<string>()
  return () => {
    const nowMs = Date.now()
    const taken = world.vitals()
    const machines = [...world.trace.machines].map(([actor, { state, sinceMs, deadlineMs }]) => {
      const last_message = taken.heard[actor] ?? null
      return { actor, state, since_ms: sinceMs, deadline_ms: deadlineMs, last_message }
    })
    const { isPaused } = world.glance()
    const pulse = { vitals: { at_ms: nowMs, taken }, pid: process.pid }
    const processes = runProcesses(process.pid)
    const hangs = hangsOf({ machines, processes, ...pulse, isPaused, nowMs })
    for (const { what, message } of hangs) {
      if (!told.has(what)) terminal.line(terminal.paint('red', `hangs: ${plain(message)}`))
    }
    told = new Set(hangs.map(({ what }) => what))
  }
}

export type Live = {
  /** Called for each finished step. */
  step: (row: StepRow, metrics: Metrics) => void
  /** Redraws until the returned function is called. */
  follow: (world: World) => () => void
}

export function createLive(terminal: Terminal, steps: number, url: string | null): Live {
  const rows: { row: StepRow; metrics: Metrics }[] = []
  const pace = createPace(steps)
  const countdown = createCountdown()
  return {
    step(row, metrics) {
      if (row.step) rows.push({ row, metrics })
    },
    follow(world) {
      const look = createAlarm(terminal, world)
      const show = () => {
        const glance = world.glance()
        const whole = pace(glance.step, Date.now())
        const left = isEvaluating(glance.state) ? countdown(glance.answers, Date.now()) : whole
        const doing = `${statusLine(glance, steps)}${left}${url === null ? '' : ` · ${url}`}`
        const learned = learnedLine(rows)
        terminal.status(learned ? `${doing}\n${learned}` : doing)
      }
      const timers = [setInterval(show, redrawMs), setInterval(look, lookMs)]
      return () => {
        for (const timer of timers) clearInterval(timer)
        terminal.close()
      }
    },
  }
}
