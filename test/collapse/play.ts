/** Makes one run collapse, and checks that it was caught and acted on. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Curve } from '../../domain/health/health.ts'
import { openForReading } from '../../state/database.ts'
import { describeRun, statusOf } from '../../state/open.ts'
import { createPages, type Pages } from '../../state/reader-pages.ts'
import { type Azr, start } from '../whole/azr.ts'
import { type Action, type Collapse, findOnset, watched } from './collapses.ts'

type Alarm = { step: number; name: string; level: string; message: string }
export type Played = {
  curves: Record<string, Curve>
  onset: { curve: string; step: number } | null
  alarm: Alarm | null
  /**
   * The run's reaction; null if it was not the requested one, or was not reported in the terminal.
   */
  acted: string | null
  said: string
}

const pollMs = 200
const heldMs = 5000

function read<T>(home: string, name: string, ask: (pages: Pages) => T): T {
  const { client, db } = openForReading(join(home, name, 'run.db'))
  try {
    return ask(createPages(db))
  } finally {
    client.close()
  }
}

/** Checks that a paused run samples nothing, and ends it. */
async function seePause(run: Azr, home: string, name: string): Promise<string | null> {
  const drafted = () => read(home, name, pages => JSON.stringify(pages.progress()))
  await run.says(/seeding/)
  while (run.child.exitCode === null && statusOf(describeRun(home, name)) !== 'paused') {
    await sleep(pollMs)
  }
  // Let requests in flight end.
  await sleep(heldMs)
  const held = drafted()
  await sleep(heldMs)
  const isStill = run.child.exitCode === null && drafted() === held
  run.child.kill('SIGINT')
  await run.ended
  return isStill ? `paused, and sampled nothing in ${heldMs / 1000} s` : null
}

const see: Record<Action, (run: Azr, home: string, name: string) => Promise<string | null>> = {
  async stop(run) {
    const { code, err } = await run.ended
    const why = /Cannot continue a run that collapses.*/.exec(err)?.[0]
    return code === 1 && why ? `stopped: ${why}` : null
  },
  pause: seePause,
  async warn(run, home, name) {
    const { code } = await run.ended
    const { step, run: row } = describeRun(home, name)
    const isDone = code === 0 && step === (row.config as { steps: number }).steps
    return isDone ? `was told, and went on to step ${step}` : null
  },
}

export async function play(
  { name, knobs, action, alarm: wanted }: Collapse,
  home: string,
): Promise<Played> {
  const args = ['train', 'smoke', '--run', name, '--no-serve', '--evaluate.suites=[]']
  const run = start([...args, ...knobs, `--health.onCollapse=${action}`], { home })
  const acted = await see[action](run, home, name)
  return read(home, name, pages => {
    const curves = pages.metrics(watched)
    const alarms = pages
      .troubles(50)
      .filter(({ event }) => event === 'health.alarm')
      .map(({ detail }) => detail as Alarm)
    const isMeant = (one: Alarm) => one.level === 'collapse' && (wanted ?? one.name) === one.name
    const alarm = alarms.findLast(isMeant) ?? null
    const said = run.said.err
    const isTold = alarm !== null && said.includes(`alarm: ${alarm.name} since step`)
    return { curves, onset: findOnset(curves), alarm, acted: isTold ? acted : null, said }
  })
}
