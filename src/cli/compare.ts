/** `azr compare A B`: the differences between two evaluations, and the items that changed. */
import { join } from 'node:path'
import {
  compareEvaluated,
  comparisonOf,
  type Evaluated,
  evaluatedName,
  evaluatedStep,
} from '../../domain/comparable.ts'
import type { Comparison } from '../../domain/compare.ts'
import { readRunAt } from '../../domain/run-at.ts'
import { percent } from '../../lib/formats.ts'
import { fold, jsonText, tableWidth, wrap } from '../../lib/terminal.ts'
import { openForReading } from '../../state/database.ts'
import { existingRun } from '../../state/open.ts'
import { createPages } from '../../state/reader-pages.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'

export const spec: CommandSpec = {
  name: 'compare',
  summary: 'Compares two evaluations, or a run at two of its steps, item by item.',
  positions: ['A', 'B'],
  flags: {},
  detail: [
    'A and B: names of evaluations or runs, RUN@STEP for an evaluation at that step (default: the last)',
    'difference: paired bootstrap over the items, 95 %; p: exact McNemar test',
  ].join('\n'),
}

const shown = 12

function read(home: string, given: string): Evaluated {
  const place = readRunAt(given)
  const { run } = place
  const { client, db } = openForReading(join(existingRun(home, run), 'run.db'))
  try {
    const pages = createPages(db)
    const step = evaluatedStep(place, pages.scoredSteps())
    return { ...(pages.evaluated(step) as Evaluated), run }
  } finally {
    client.close()
  }
}

const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)}`
const some = (items: number[]) =>
  items.length > shown ? `${items.slice(0, shown).join(' ')} … (${items.length})` : items.join(' ')

function chanceText(p: number | null): string[] {
  if (p === null) return []
  return [`p = ${p < 0.001 ? p.toExponential(1) : p.toFixed(3)}`]
}

function rowLines(row: Comparison, width: number): string[] {
  const { suite, kind, mode, items, before, after, difference, interval, p, gained, lost } = row
  const range = interval ? ` [${signed(interval.low)}, ${signed(interval.high)}]` : ''
  const figures = [
    `${suite} ${kind} ${mode}:`,
    `${percent(before, 1)} → ${percent(after, 1)},`,
    [`${signed(difference)} points${range}`, ...chanceText(p), `${items} items`].join(', '),
  ]
  const flips = [
    ...(gained.length > 0 ? [`now right: ${some(gained)}`] : []),
    ...(lost.length > 0 ? [`now wrong: ${some(lost)}`] : []),
  ]
  return [
    ...fold(figures.join('  '), width),
    ...flips.flatMap(text => wrap(text, width - 2).map(line => `  ${line}`)),
  ]
}

export const comparisonLines = (found: readonly Comparison[], width: number): string[] =>
  found.flatMap(row => rowLines(row, width))

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const [before, after] = args.positions.map(given => read(home, given)) as [Evaluated, Evaluated]
  const suites = compareEvaluated(before, after)
  if (args.flags.has('json')) {
    process.stdout.write(`${jsonText(comparisonOf(before, after, suites))}\n`)
    return 0
  }
  const [one, two] = [before, after].map(({ asked }) => asked.engine)
  const engines = one === two ? '' : `; engines ${one} → ${two}`
  process.stdout.write(
    `${evaluatedName(before)} → ${evaluatedName(after)}${engines}\n` +
      `${comparisonLines(suites, tableWidth()).join('\n')}\n`,
  )
  return 0
}
