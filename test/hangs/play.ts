/** Causes one hang in its own run, and measures how soon each place names it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { root } from '../../src/config/paths.ts'
import type { HttpServer } from '../../src/http/serve.ts'
import { type Look, lookEverywhere } from './look.ts'
import type { Scenario } from './scenarios.ts'

export type Played = { scenario: Scenario; seconds: Map<string, number>; said: string }

const everyMs = 250
const patienceMs = 600_000
const endMs = 10_000

function startRun({ name, hang, knobs = [] }: Scenario, home: string, library: string | null) {
  const inject = hang ? ['--import', join(import.meta.dirname, 'inject.ts')] : []
  const main = join(root, 'src', 'cli', 'main.ts')
  const args = ['train', 'smoke', '--run', name, '--steps=500', '--no-serve', '--home', home]
  const env = {
    ...process.env,
    ...(hang ? { AZR_HANG: hang, AZR_HANG_NOW: join(home, `${name}.now`) } : {}),
    ...(library ? { LD_PRELOAD: library, AZR_SLOW_DISK: join(home, 'slow') } : {}),
  }
  const child = spawn(process.execPath, [...inject, main, ...args, ...knobs], { cwd: root, env })
  const said = { err: '' }
  child.stderr.on('data', chunk => {
    said.err += chunk
  })
  const ended = once(child, 'exit')
  const says = async (pattern: RegExp) => {
    for (const untilMs = Date.now() + patienceMs; !pattern.test(said.err); await sleep(100)) {
      if (child.exitCode !== null || Date.now() > untilMs) {
        throw new Error(`The run never said ${pattern}:\n${said.err}`)
      }
    }
  }
  return { child, said, ended, says }
}

async function end({ child, ended }: ReturnType<typeof startRun>): Promise<void> {
  if (child.exitCode !== null) return
  child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGKILL'), endMs)
  await ended
  clearTimeout(timer)
}

async function watch(
  looks: Look[],
  { says, withinSeconds }: Scenario,
): Promise<Map<string, number>> {
  const seconds = new Map<string, number>()
  const begunMs = Date.now()
  const since = () => (Date.now() - begunMs) / 1000
  while (seconds.size < looks.length && since() < withinSeconds) {
    for (const look of looks) {
      if (!seconds.has(look.name) && says.test(await look.text())) seconds.set(look.name, since())
    }
    await sleep(everyMs)
  }
  return seconds
}

export async function play(
  scenario: Scenario,
  {
    home,
    server,
    browser,
    library,
  }: {
    home: string
    server: HttpServer
    browser: Browser | null
    library: string | null
  },
): Promise<Played> {
  rmSync(join(home, 'slow'), { force: true })
  const run = startRun(scenario, home, scenario.needs ? library : null)
  let looks: Look[] = []
  let undo = () => {}
  try {
    await run.says(/step +1\/500/)
    const options = { home, url: server.url, run: scenario.name, own: run, browser }
    looks = await lookEverywhere(options)
    // The page and `azr tail` have polled once.
    await sleep(2000)
    const database = join(home, scenario.name, 'run.db')
    const pid = run.child.pid as number
    const now = join(home, `${scenario.name}.now`)
    undo = scenario.begin({ home, pid, now, database })
    const seconds = await watch(looks, scenario)
    const texts = await Promise.all(looks.map(look => look.text()))
    return {
      scenario,
      seconds,
      said: texts.map((text, i) => `${looks[i]?.name}: ${text}`).join('\n'),
    }
  } finally {
    undo()
    await end(run)
    for (const look of looks) await look.close()
  }
}
