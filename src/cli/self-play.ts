/**
 * The common part of `train` and `resume`: owns the run, shows it, serves its page, ends cleanly.
 */
import { join } from 'node:path'
import { createTerminal, jsonText, plain, type Terminal, wrap } from '../../lib/terminal.ts'
import type { OpenRun } from '../../state/open.ts'
import type { Config } from '../config/config.ts'
import { type HttpServer, startServer } from '../http/serve.ts'
import { startWorld, type World } from '../run/world.ts'
import { type Args, homeOf } from './args.ts'
import { forecastLines } from './forecast.ts'
import { createLive } from './live.ts'
import { createNarrator } from './narrator.ts'
import { serveFlags as pageFlags, pageLines, serveOptions } from './page.ts'

type Signal = { code: number; name: string }

/** Resolves at the first SIGINT, SIGTERM or SIGHUP. A second one ends the process at once. */
function interrupted(terminal: Terminal): Promise<Signal> {
  return new Promise(resolve => {
    let isAsked = false
    const listen = (name: NodeJS.Signals, code: number) =>
      process.on(name, () => {
        if (isAsked) process.exit(code)
        isAsked = true
        terminal.line('stopping: committed work is kept; press Ctrl-C again to exit at once')
        resolve({ code, name })
      })
    listen('SIGINT', 130)
    listen('SIGTERM', 143)
    listen('SIGHUP', 129)
  })
}

type Ending = { code: number; event: string; line: string }

async function waitForEnd(world: World, signal: Promise<Signal>, name: string): Promise<Ending> {
  const go = `continue with \`azr resume ${name}\``
  try {
    const ending = await Promise.race([world.done, signal])
    if (ending === 'finished') return { code: 0, event: 'finished', line: `run ${name} is done` }
    if (ending === 'stopped') return { code: 0, event: 'stopped', line: `stopped: ${go}` }
    return { code: ending.code, event: 'interrupted', line: `stopped: ${go}` }
  } catch (error) {
    const { message } = error as Error
    return { code: 1, event: 'failed', line: `${plain(message)}\nNothing committed is lost: ${go}` }
  }
}

export type SelfPlay = {
  run: OpenRun
  name: string
  config: Config
  args: Args
  begun: string
  /** Further fields of the JSON at its end. */
  report?: () => Record<string, unknown>
}

async function tellForecast(terminal: Terminal, { run, config, name }: SelfPlay): Promise<void> {
  const { read } = run.store
  const [row, items] = await Promise.all([read.run(), read.suiteItems()])
  for (const line of forecastLines(config, row?.kinds.length ?? 0, items, name)) {
    for (const part of wrap(line, terminal.width())) terminal.line(part)
  }
}

/** Carries the run to its end. Returns the exit code. */
export async function selfPlay(play: SelfPlay): Promise<number> {
  const { run, name, config, args, begun } = play
  const terminal = createTerminal(process.stderr)
  const home = homeOf(args)
  const signal = interrupted(terminal)
  const { store, release } = run
  let world: World | null = null
  let server: HttpServer | null = null
  let ending: Ending
  let outcome: string | null = null
  try {
    if (!args.flags.has('no-serve')) server = await startServer(serveOptions(args, home))
    await store.event(begun, { steps: config.steps, maxLength: config.engine.maxLength })
    terminal.line(`run ${name} in ${join(home, name)}`)
    if (server) for (const line of pageLines(server)) terminal.line(line)
    if (begun === 'started' && config.steps > 0) await tellForecast(terminal, play)
    const narrator = createNarrator(terminal, store, config.steps)
    const live = createLive(terminal, config.steps, server?.url ?? null)
    world = await startWorld({
      store,
      config,
      cacheDir: join(home, 'cache'),
      onStep(row, metrics) {
        narrator.step(row, metrics)
        live.step(row, metrics)
      },
      onProgress: what => terminal.line(what),
    })
    const unfollow = live.follow(world)
    ending = await waitForEnd(world, signal, name)
    unfollow()
    // If nothing can be written any more, the line below says why.
    const told = store.event(ending.event, ending.code === 1 ? { error: ending.line } : null)
    await told.catch(() => {})
    // Only a finished run prints everything. A stop waits for nothing.
    if (ending.event === 'finished') {
      await narrator.caughtUp()
      outcome = await narrator.outcome()
    }
  } finally {
    await Promise.all([world?.stop(), server?.close()])
    await release()
  }
  terminal.line(ending.code === 1 ? terminal.paint('red', ending.line) : ending.line)
  if (args.flags.has('json')) {
    const report = { id: name, ended: ending.event, outcome, ...play.report?.() }
    process.stdout.write(`${jsonText(report)}\n`)
  }
  return ending.code
}

export const serveFlags = {
  ...pageFlags,
  'no-serve': { about: 'serve no page' },
}
