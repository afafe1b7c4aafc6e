/** Formats the table as Markdown: percentages and points, one block per suite. */
import type { Interval } from '../../domain/statistics.ts'
import { meanOf } from '../../domain/statistics.ts'
import type { Measured } from './cells.ts'
import type { Check } from './course.ts'
import {
  type Difference,
  type FigureName,
  figureNames,
  inPercent,
  type Line,
  points,
} from './table.ts'

const titles: Record<FigureName, string> = {
  greedy: 'greedy',
  mean: 'mean@8',
  pass: 'pass@8',
  greedyScratch: 'scratch, greedy',
  sampledScratch: 'scratch, sampled',
  direct: 'forced direct',
  scratch: 'forced scratch',
}

const range = (interval: Interval | null) =>
  interval ? `${points(interval.low)} … ${points(interval.high)}` : '–'

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
const head = (cells: string[]) => [row(cells), row(cells.map(() => '---'))]

function levels(lines: Line[]): string[] {
  return [
    ...head(['arm', 'seeds', 'kind', ...figureNames.map(name => titles[name])]),
    ...lines.map(({ arm, seeds, kind, figures }) => {
      const cells = figureNames.map(name => {
        const figure = figures[name]
        return figure ? `${inPercent(figure.start)} → ${inPercent(figure.end)}` : '–'
      })
      return row([arm, seeds.length, kind, ...cells])
    }),
  ]
}

function gains(lines: Line[]): string[] {
  const names = ['greedy', 'mean', 'pass'] as const
  const titleOf = (name: FigureName) => [titles[name], 'over seeds', 'over items']
  return [
    ...head(['arm', 'kind', ...names.flatMap(titleOf)]),
    ...lines.map(({ arm, kind, figures }) => {
      const cells = names.flatMap(name => {
        const gain = figures[name]?.gain
        return gain ? [points(gain.mean), range(gain.bySeed), range(gain.byItem)] : ['–', '–', '–']
      })
      return row([arm, kind, ...cells])
    }),
  ]
}

function costs(measured: Measured[]): string[] {
  return [
    ...head(['arm', 'seeds', 'steps', 'wall s', 'of which held-out suites', 'trained per step']),
    ...[...Map.groupBy(measured, ({ arm }) => arm)].map(([arm, runs]) => {
      const mean = (of: (run: Measured) => number) => meanOf(runs.map(of)).toFixed(0)
      const trained = mean(run => (run.steps === 0 ? 0 : run.trained / run.steps))
      const seconds = [mean(run => run.seconds), mean(run => run.evaluateSeconds)]
      return row([
        arm,
        runs.map(({ seed }) => seed).join(' '),
        mean(run => run.steps),
        ...seconds,
        trained,
      ])
    }),
  ]
}

export type Report = {
  about: string
  suites: string[]
  measured: Measured[]
  lines: Line[]
  differences: Difference[]
  checks: Check[]
}

/** The result, in a sentence. */
function resultOf(checks: Check[]): string {
  const met = checks.filter(({ verdict }) => verdict === 'met').length
  const what = met === checks.length ? '.' : '; the table marks the others.'
  return `${met} of ${checks.length} claims are met${what}`
}

export function markdownOf({
  about,
  suites,
  measured,
  lines,
  differences,
  checks,
}: Report): string {
  const of = (suite: string) => lines.filter(line => line.suite === suite)
  return [
    '# The learning benchmark',
    '',
    resultOf(checks),
    '',
    about,
    '',
    '## The thresholds',
    '',
    ...head(['claim', 'found', '']),
    ...checks.map(({ claim, found, verdict }) => row([claim, found, verdict])),
    ...suites.flatMap(suite => [
      '',
      `## ${suite}: start → end, %`,
      '',
      ...levels(of(suite)),
      '',
      `## ${suite}: gains in points, paired 95 % intervals`,
      '',
      ...gains(of(suite)),
    ]),
    '',
    '## How much more `full` gains, mean over kinds, points',
    '',
    ...head(['than', 'suite', 'figure', 'seeds', 'points', 'over seeds']),
    ...differences.map(({ arm, suite, figure, seeds, mean, bySeed }) =>
      row([arm, suite, titles[figure], seeds, points(mean), range(bySeed)]),
    ),
    '',
    '## Costs',
    '',
    ...costs(measured),
    '',
  ].join('\n')
}
