/**
 * Makes the tables from measured runs: self-play by kind, held-out suites, gates and costs. Pure.
 */
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { mean } from '../../domain/metrics.ts'
import type { Interval } from '../../domain/statistics.ts'
import type { Kind } from '../../domain/task.ts'
import { percent } from '../../lib/formats.ts'
import { windowSteps } from '../kinds/worst.ts'
import type { Course, Measured } from '../learning/cells.ts'
import { inPercent, points, tableOf } from '../learning/table.ts'
import { arms, isArm, preset, suites } from './arms.ts'

/**
 * How far log-probabilities of engine and learner differ: the largest difference, and the largest
 * mean of a step, over all steps.
 */
export type Gates = { parity: number; mismatch: number }
export type Run = Measured & { gates: Gates }

type Ends = { first: number | null; last: number | null }

/** Means over the first and the last steps of a window, without steps that lack the value. */
export function endsOf(rows: readonly Course[], of: (row: Course) => number | null): Ends {
  const steps = rows.map(({ step }) => step)
  const [from, to] = [Math.min(...steps), Math.max(...steps)]
  const meanWhere = (test: (row: Course) => boolean) =>
    mean(rows.filter(test).flatMap(row => of(row) ?? []))
  return {
    first: meanWhere(({ step }) => step < from + windowSteps),
    last: meanWhere(({ step }) => step > to - windowSteps),
  }
}

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`
const head = (cells: string[]) => [row(cells), row(cells.map(() => '---'))]
const shown = (value: number | null, write: (value: number) => string) =>
  value === null ? '–' : write(value)

const percents = ({ first, last }: Ends) => `${shown(first, percent)} → ${shown(last, percent)}`
const numbers = ({ first, last }: Ends) =>
  `${shown(first, n => n.toFixed(1))} → ${shown(last, n => n.toFixed(1))}`

/** A row for all runs of an arm together. Each step of each run counts the same. */
function selfPlayRow(arm: string, kind: Kind, runs: readonly Run[]): string {
  const mine = runs.flatMap(({ course }) => course.filter(one => one.kind === kind))
  const learnable = mean(mine.flatMap(one => one.learnable ?? []))
  const added = mine.reduce((sum, one) => sum + one.added, 0)
  return row([
    arm,
    kind,
    percents(endsOf(mine, one => one.accepted)),
    shown(learnable, percent),
    added,
    numbers(endsOf(mine, one => one.lines)),
    percents(endsOf(mine, one => one.correct)),
  ])
}

const range = (interval: Interval | null) =>
  interval ? `${points(interval.low)} … ${points(interval.high)}` : '–'

function heldOutRows(runs: readonly Run[]): string[] {
  return tableOf([...runs], suites).flatMap(({ arm, suite, kind, seeds, figures }) => {
    const { mean: figure, pass } = figures
    if (kind === 'mean' || !figure || !pass) return []
    const { gain } = figure
    return [
      row([
        arm,
        suite,
        seeds.length,
        `${inPercent(figure.start)} → ${inPercent(figure.end)}`,
        points(gain.mean),
        range(gain.bySeed),
        range(gain.byItem),
        points(pass.gain.mean),
      ]),
    ]
  })
}

const costRow = ({ arm, seed, steps, seconds, evaluateSeconds, trained, gates }: Run) =>
  row([
    arm,
    seed,
    steps,
    (seconds / 60).toFixed(0),
    (evaluateSeconds / 60).toFixed(0),
    trained,
    gates.parity.toExponential(1),
    gates.mismatch.toExponential(1),
  ])

export function markdownOf(runs: readonly Run[], samples: number): string {
  const byArm = [...Map.groupBy(runs, ({ arm }) => arm)]
  const ends = `first ${windowSteps} steps → last ${windowSteps}`
  const about = byArm.map(([arm]) => (isArm(arm) ? `- \`${arm}\`: ${arms[arm].about}` : ''))
  return [
    '# A real language model on two cores',
    '',
    `\`npm run bench:real\` made this page. It trains the preset \`${preset}\` and scores it`,
    'before and after on the first short items of CRUXEval in both directions.',
    '[LOG.md](../LOG.md) says what was learned from it.',
    '',
    ...about,
    '',
    `Self-play by kind; ${ends}:`,
    '',
    ...head(['arm', 'kind', 'valid', 'learnable', 'new tasks', 'lines', 'answers right']),
    ...byArm.flatMap(([arm, mine]) => kinds.map(kind => selfPlayRow(arm, kind, mine))),
    '',
    'Held-out, per cent and points:',
    '',
    ...head([
      'arm',
      'suite',
      'seeds',
      `mean@${samples}`,
      'gain',
      'over seeds',
      'over items',
      `pass@${samples}`,
    ]),
    ...heldOutRows(runs),
    '',
    'Costs and gates:',
    '',
    ...head([
      'arm',
      'seed',
      'steps',
      'min',
      'of which scoring',
      'trained',
      'parity',
      'mismatch KL',
    ]),
    ...runs.map(costRow),
    '',
  ].join('\n')
}
