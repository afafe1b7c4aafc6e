/**
 * `npm run bench:http`: measures what the page costs a run, and how fast it shows a large run. A
 * large stored run is served from this process, which meanwhile writes messages like actors.
 * Another process reads lists and streams. It compares how late this process's own work is with and
 * without that load. If there is a browser, it opens each panel, the first on a new server.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../src/http/serve.ts'
import type { Store } from '../state/types.ts'
import { makeLargeRun } from './http/large-run.ts'
import { lookAt } from './http/look.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:http --',
  about: 'Measures what the page costs a run: lists and streams of a large stored run.',
  positions: {
    STEPS: { about: 'steps of the run', default: '1000' },
    SECONDS: { about: 'seconds per measurement', default: '10' },
  },
}
const options = readOptions(spec)
const [steps, seconds] = [countOf(spec, options, 'STEPS'), countOf(spec, options, 'SECONDS')]
const home = mkdtempSync(join(tmpdir(), 'azr-bench-http-'))
const say = (line: string) => process.stdout.write(`${line}\n`)
const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`

/** Writes messages like a busy run. Returns how late this thread was. */
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
    String(readers),
    String(asked),
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

/** A row: what is measured, the result, the target. */
function row(what: string, found: string, target = '', isMet = true): void {
  const wanted = target === '' ? '' : `${target}${isMet ? '' : '  MISSED'}`
  say(`${what.padEnd(44)} ${found.padStart(12)}   ${wanted}`)
}
const whole = (value: number) => `${value.toFixed(0)} ms`

const [readers, asked] = [50, 200]
const [mostListMs, mostLateMs, mostOpenMs] = [50, 50, 1000]

say(`making a run of ${steps} steps …`)
const run = await makeLargeRun(home, 'large', steps)
let server = await startServer({ home, port: undefined })
try {
  const alone = await work(run.store, sleep(seconds * 1000))
  const loading = load(server.url)
  const loaded = await work(run.store, loading)
  const { p50 = 0, p99 = 0, early = 0, rate = 0, failed = 0, events } = await loading
  const late = (loaded.max - alone.max) / 1e6
  row('', 'measured', 'target')
  row(
    `lists, of ${asked} requested per second`,
    `${rate.toFixed(0)} /s`,
    `${asked}`,
    rate > asked * 0.97,
  )
  row('  failed', String(failed), '0', failed === 0)
  row('  median answer after the first second', `${p50.toFixed(1)} ms`)
  row(
    '  99% of them answered within',
    `${p99.toFixed(1)} ms`,
    `${mostListMs} ms`,
    p99 <= mostListMs,
  )
  row(`events that ${readers} readers of streams received`, String(events))
  row('  the slowest of the first second, when nothing is cached', `${early.toFixed(1)} ms`)
  row("delay of the actors' thread without load, p99", ms(alone.p99))
  row('  at most', ms(alone.max))
  row('  under load, p99', ms(loaded.p99))
  row('  at most', ms(loaded.max))
  row(
    '  at most, in addition to the delay without load',
    `${late.toFixed(1)} ms`,
    `${mostLateMs} ms`,
    late <= mostLateMs,
  )
  await server.close()
  server = await startServer({ home, port: undefined })
  const seen = await lookAt(server.url, 'large')
  if (seen === null)
    say('no browser was measured: set CHROMIUM, or install one as /usr/bin/chromium')
  for (const { panel, ms: took } of seen?.panels ?? []) {
    row(`panel ${panel}: complete after`, whole(took), whole(mostOpenMs), took <= mostOpenMs)
  }
  if (seen) {
    const sorted = seen.scrubs.toSorted((a, b) => a - b)
    row('a move of the slider is drawn after, median', whole(sorted[sorted.length >> 1] ?? 0))
    row('  at most', whole(seen.longest))
  }
} finally {
  await server.close()
  await run.release()
  rmSync(home, { recursive: true, force: true })
}
