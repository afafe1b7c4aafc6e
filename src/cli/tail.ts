import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../../domain/errors.ts'
import { camel } from '../../lib/camel.ts'
import { createTerminal, fold, jsonText, plain, type Terminal } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { describeRun, existingRun, statusOf } from '../../state/open.ts'
import { createPages, type Pages } from '../../state/reader-pages.ts'
import { type Args, type CommandSpec, homeOf, numberOf } from './args.ts'
import { stepLine } from './progress.ts'
import { worriesOf } from './worries.ts'

export const spec: CommandSpec = {
  name: 'tail',
  summary: 'Follows a run from another shell: its steps as they end, its alarms, its activity.',
  positions: ['RUN'],
  flags: {
    lines: { value: 'N', about: 'number of steps to show first (default 10)' },
    'no-follow': { about: 'show the current state, and exit' },
  },
  detail: 'Ends with the run, or with Ctrl-C. With --json each step is a JSON line.',
}

const pollMs = 500
const shownFirst = 10
const atOnce = 500

/** Prints the steps after one, with their figures. Returns the last. */
function tellSteps(
  pages: Pages,
  after: number,
  tell: (row: Row, figures: Figures) => void,
): number {
  const rows = pages.steps(after, atOnce)
  for (const row of rows) tell(row, pages.figures(row.step))
  const last = rows.at(-1)?.step ?? after
  return rows.length < atOnce ? last : tellSteps(pages, last, tell)
}
type Row = ReturnType<Pages['steps']>[number]
type Figures = ReturnType<Pages['figures']>

/** The activity of the actors that are not at rest, in one line. */
function doing(pages: Pages): string {
  const busy = pages.machines().filter(({ state }) => !['idle', 'serving'].includes(state))
  const now = Date.now()
  return busy
    .map(({ actor, state, since_ms }) => {
      return `${actor} ${plain(state)} ${Math.round((now - since_ms) / 1000)} s`
    })
    .join(', ')
}

function tellWorries(terminal: Terminal, pages: Pages, state: State, told: Set<string>): void {
  for (const line of worriesOf(pages, state)) {
    // A line with a growing duration is printed once.
    const about = line.replace(/\d+/g, '')
    if (!told.has(about)) terminal.line(terminal.paint('red', line))
    told.add(about)
  }
}
type State = ReturnType<typeof describeRun>

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [name = ''] = args.positions
  const folder = existingRun(home, name)
  const isJson = args.flags.has('json')
  const { client, db } = openForReading(join(folder, 'run.db'))
  const terminal = createTerminal(process.stderr)
  const { steps } = describeRun(home, name).run.config as { steps?: number }
  if (steps === undefined)
    throw new UsageError('run-without-steps', `Cannot follow run ${name}: it has no steps`)
  const tell = (row: Row, figures: Figures) => {
    if (isJson) process.stdout.write(`${jsonText({ ...camel(row), figures })}\n`)
    else
      for (const line of fold(stepLine(row, figures, steps), terminal.width())) terminal.line(line)
  }
  let code: number | null = null
  process.once('SIGINT', () => (code = 130))
  process.once('SIGTERM', () => (code = 143))
  try {
    const pages = createPages(db)
    const lines = numberOf(args, 'lines') ?? shownFirst
    let last = Math.max(-1, (describeRun(home, name).step ?? -1) - lines)
    const told = new Set<string>()
    while (code === null) {
      const state = describeRun(home, name)
      last = tellSteps(pages, last, tell)
      tellWorries(terminal, pages, state, told)
      if (!state.alive) terminal.line(`run ${name} ${statusOf(state)}`)
      if (!state.alive || args.flags.has('no-follow')) return 0
      terminal.status(`${statusOf(state)}, step ${last + 1}/${steps}: ${doing(pages)}`)
      await sleep(pollMs)
    }
    return code
  } finally {
    terminal.close()
    client.close()
  }
}
