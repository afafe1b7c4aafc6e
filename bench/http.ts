/**
 * `npm run bench:http`: what the page costs a run that goes on. A large stored run is served from
 * this process, which meanwhile writes messages as actors do; another process reads lists and
 * streams. Printed: latency of the lists, and how late this process's own work was with the load
 * and without it. The same once more from the actors' own thread would be the baseline that was
 * given up; without load is the one that is left.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../src/serve.ts'
import type { Store } from '../state/types.ts'
import { makeLargeRun } from './http/large-run.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:http --',
  about: 'What the page costs a run that goes on: lists and streams of a large stored run.',
  positions: {
    STEPS: { about: 'steps of the run', default: '1000' },
    SECONDS: { about: 'how long each measure takes', default: '10' },
  },
}
const options = readOptions(spec)
const [steps, seconds] = [countOf(spec, options, 'STEPS'), countOf(spec, options, 'SECONDS')]
const home = mkdtempSync(join(tmpdir(), 'azr-bench-http-'))
const say = (line: string) => process.stdout.write(`${line}\n`)
const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`

/** Messages as a busy run writes them; gives how late this thread was. */
async function work(store: Store, until: Promise<unknown>) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  let isOver = false
  void until.finally(() => (isOver = true))
  while (!isOver) {
    for (let i = 0; i < 5; i++) {
      const row = { at_ms: Date.now(), sender: 'run', receiver: 'solver', item_id: `${i}` }
      store.trace({ ...row, type: 'task.solve', body: null })
    }
    await sleep(20)
  }
  delay.disable()
  return { p99: delay.percentile(99), max: delay.max }
}

async function load(url: string): Promise<Record<string, number>> {
  const args = [
    join(import.meta.dirname, 'http', 'load.ts'),
    url,
    'large',
    '50',
    '200',
    `${seconds}`,
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', chunk => {
    out += chunk
  })
  await once(child, 'close')
  return JSON.parse(out)
}

say(`making a run of ${steps} steps …`)
const run = await makeLargeRun(home, 'large', steps)
const server = await startServer({ home, port: undefined })
try {
  const alone = await work(run.store, sleep(seconds * 1000))
  const loading = load(server.url)
  const loaded = await work(run.store, loading)
  const { p50 = 0, p99 = 0, rate = 0, failed, events } = await loading
  say(
    `lists      ${rate.toFixed(0)} requests/s, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, ${failed} failed`,
  )
  say(`streams    50 readers, ${events} events`)
  say(`own thread late by p99 ${ms(alone.p99)}, at most ${ms(alone.max)} without load`)
  say(`           late by p99 ${ms(loaded.p99)}, at most ${ms(loaded.max)} under load`)
  say(`ratio      ${(loaded.p99 / alone.p99).toFixed(2)} times as late (p99)`)
} finally {
  await server.close()
  await run.release()
  rmSync(home, { recursive: true, force: true })
}
