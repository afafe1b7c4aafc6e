/**
 * The benchmark's higher aims: skill apart from elicitation, what a trained proposer and more steps
 * add, and that no kind of task dies. Pure.
 */
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind } from '../../domain/task.ts'
import { percent } from '../../lib/formats.ts'
import { leastValid, windowSteps, worstOf } from '../kinds/worst.ts'
import type { Measured } from './cells.ts'
import { type Check, check } from './course.ts'
import { type Difference, type FigureName, type Line, lineOf, points } from './table.ts'

type Aim = { what: string; suite: string; kind: Kind | 'mean'; figure: FigureName; least: number }

const aimsOf = (easy: string, hard: string): Aim[] => [
  ...[easy, hard].map(suite => ({
    what: 'pass@8',
    suite,
    kind: 'mean' as const,
    figure: 'pass' as const,
    least: 0.04,
  })),
  ...(['abduction', 'induction'] as const).map(kind => ({
    what: `greedy ${kind}`,
    suite: easy,
    kind,
    figure: 'greedy' as const,
    least: 0.04,
  })),
  {
    what: 'forced working, deduction',
    suite: hard,
    kind: 'deduction',
    figure: 'scratch',
    least: 0.05,
  },
]

function aimChecks(lines: Line[], easy: string, hard: string): Check[] {
  return aimsOf(easy, hard).map(({ what, suite, kind, figure, least }) => {
    const gain = lineOf(lines, 'full', suite, kind)?.figures[figure]?.gain.mean
    const claim = `full: ${what}, ${suite} gains ${100 * least} points`
    return check(claim, gain === undefined ? null : points(gain), (gain ?? 0) >= least)
  })
}

/** Compares the gains of `full` and of another arm, which were made with the same seeds. */
function ratioCheck(found: Difference[], { suite, arm }: { suite: string; arm: string }): Check {
  const row = found.find(one => one.arm === arm && one.suite === suite && one.figure === 'mean')
  const [full, other] = row?.gains ?? [0, 0]
  const [least, high, low, claim] =
    arm === 'long'
      ? ([1.6, other, full, 'long: 1.6 times the gain of full'] as const)
      : ([1.2, full, other, `full: 1.2 times the gain of ${arm}`] as const)
  const text = row && `${points(high)} against ${points(low)}, ${row.seeds} seeds`
  return check(`${claim}, mean@8, ${suite}`, text ?? null, high > 0 && high >= least * low)
}

/** Checks each arm's worst stretch of accepted proposals, of the kind that has it. */
export function dyingChecks(runs: Measured[]): Check[] {
  return ['full', 'paper', 'long'].map(arm => {
    const worst = runs
      .filter(run => run.arm === arm)
      .flatMap(run =>
        kinds.flatMap(kind => {
          const mine = run.course.filter(row => row.kind === kind && row.accepted !== null)
          const found = worstOf(mine.map(row => [row.step, row.accepted as number]))
          return found ? [{ ...found, kind, seed: run.seed }] : []
        }),
      )
      .toSorted((a, b) => a.value - b.value)[0]
    const claim = `${arm}: no kind below ${percent(leastValid)} accepted over ${windowSteps} steps`
    const place = worst && `${worst.kind}, seed ${worst.seed}, from step ${worst.step}`
    const found = worst ? `${percent(worst.value)}: ${place}` : null
    return check(`${claim} in a row`, found, (worst?.value ?? 0) >= leastValid)
  })
}

export function higherChecks(
  measured: Measured[],
  lines: Line[],
  found: Difference[],
  [easy = '', hard = '']: string[],
): Check[] {
  return [
    ...aimChecks(lines, easy, hard),
    ...[easy, hard].flatMap(suite =>
      ['frozen', 'long'].map(arm => ratioCheck(found, { suite, arm })),
    ),
    ...dyingChecks(measured),
  ]
}
