import { join } from 'node:path'
import { corpusLines } from '../../domain/corpus.ts'
import { camel } from '../../lib/camel.ts'
import { span } from '../../lib/formats.ts'
import { cut, fold, jsonText, oneLine, proseWidth, tableWidth, wrap } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { describeRun, describeRuns, existingRun, statusOf } from '../../state/open.ts'
import { createPages } from '../../state/reader-pages.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { stepLine } from './progress.ts'
import { type Learnable, scoreTable } from './score-table.ts'
import { newest, scoreLines, scoreOf } from './scores.ts'
import { unreadLines } from './unread.ts'
import { worriesOf } from './worries.ts'

export const spec: CommandSpec = {
  name: 'status',
  summary: 'Shows what each running run is doing; with a name, what that run is doing.',
  positions: ['[RUN]'],
  flags: {},
}

function read(home: string, name: string) {
  const state = describeRun(home, name)
  const { client, db } = openForReading(join(existingRun(home, name), 'run.db'))
  try {
    const pages = createPages(db)
    const step = pages.steps((state.step ?? 0) - 1, 1)[0] ?? null
    const curves = step ? pages.metrics([]) : {}
    const metrics = Object.fromEntries(
      Object.entries(curves).flatMap(([key, points]) =>
        points.filter(([at]) => at === step?.step).map(([, value]) => [key, value]),
      ),
    )
    const evaluations = newest(pages.evaluations()).map(scoreOf)
    const machines = state.alive ? pages.machines() : []
    const worries = worriesOf(pages, state)
    const steps = (state.run.config as { steps: number }).steps
    const learnable = Object.fromEntries(
      state.run.kinds.map(({ name }) => [name, pages.learnable(name)]),
    )
    return {
      name,
      status: statusOf(state),
      pid: state.pid,
      steps,
      step,
      metrics,
      machines,
      worries,
      lines: pages.heldOut().lines,
      corpus: pages.corpusCounts(),
      learnable,
      evaluations,
      outcome: pages.outcome(),
    }
  } finally {
    client.close()
  }
}

/** The change of the scores. For a run that was scored once, the scores. */
function heldOutLines({ lines, learnable, evaluations }: ReturnType<typeof read>): string[] {
  const whole = scoreLines(evaluations)
  const isScoredOnce = lines.every(({ points }) => points.length === 1)
  if (isScoredOnce && whole.every(line => line.length <= tableWidth())) return whole
  return scoreTable(lines, learnable as Learnable, tableWidth())
}

function show(found: ReturnType<typeof read>): string {
  const { name, status, pid, steps, step, metrics, machines } = found
  const lines = [
    `${name}: ${status}${['running', 'paused'].includes(status) ? `, process ${pid}` : ''}`,
  ]
  if (step) {
    lines.push(...fold(stepLine(step, metrics, steps), tableWidth() - 2).map(line => `  ${line}`))
  }
  if (found.corpus) lines.push(`  ${corpusLines(found.corpus)[0]}`)
  lines.push(...heldOutLines(found))
  if (found.outcome)
    lines.push(...wrap(oneLine(found.outcome), proseWidth() - 2).map(line => `  ${line}`))
  for (const worry of found.worries) {
    lines.push(...wrap(worry, proseWidth() - 2).map(line => `  ${line}`))
  }
  const now = Date.now()
  for (const { actor, state, since_ms } of machines) {
    lines.push(`  ${actor.padEnd(10)} ${state} for ${span(now - since_ms)}`)
  }
  return lines.map(line => cut(line, tableWidth())).join('\n')
}

/** Names of metrics are data, so they stay unchanged. */
const jsonOf = ({ name, step, machines, evaluations, ...rest }: ReturnType<typeof read>) => {
  return { id: name, ...rest, ...camel({ step, machines, evaluations }) }
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [name] = args.positions
  const { states: all, unread } =
    name === undefined ? describeRuns(home) : { states: [], unread: [] }
  for (const line of unreadLines(unread)) process.stderr.write(line)
  const names =
    name === undefined ? all.filter(({ alive }) => alive).map(state => state.name) : [name]
  const found = names.map(one => read(home, one))
  if (args.flags.has('json')) process.stdout.write(`${jsonText(found.map(jsonOf))}\n`)
  else if (found.length > 0) process.stdout.write(`${found.map(show).join('\n')}\n`)
  else process.stderr.write(`no run is in progress; ${all.length} in ${home}: \`azr runs\`\n`)
  return 0
}
