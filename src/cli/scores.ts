/** Scores of held-out suites for people and programs, each with its 95 % interval. */

import { builtInNames, inOrder } from '../../domain/kinds/index.ts'
import { countsOf, passesOf } from '../../domain/score.ts'
import { accuracyInterval, passRate } from '../../domain/statistics.ts'
import { type EvaluationMode, evaluationModes, type Kind } from '../../domain/task.ts'
import type { EvaluationItemRow, Row } from '../../state/types.ts'

export type Evaluation = Row<'evaluations'>

/** A row in the form of `--json`. */
export function scoreOf(row: Evaluation) {
  const { low, high } = accuracyInterval(row)
  const answers = row.items * row.samples
  const scratch = answers === 0 ? 0 : row.scratched / answers
  return { ...row, low, high, pass: passRate(row), scratch }
}

/** Unbiased pass@k of one row, from its items; empty if each has one answer. */
export function passesIn(row: Evaluation, items: readonly EvaluationItemRow[]) {
  const { suite, kind, mode } = row
  const mine = items.filter(one => one.suite === suite && one.kind === kind && one.mode === mode)
  const groups = [...Map.groupBy(mine, ({ item }) => item).values()]
  return passesOf(countsOf(groups.map(group => group.map(({ verdict }) => verdict))))
}

const points = (share: number) => (100 * share).toFixed(1).padStart(5)

function cell(row: Evaluation | undefined): string {
  if (!row) return '–'.padStart(14)
  const { low, high } = accuracyInterval(row)
  const half = (100 * (high - low)) / 2
  return `${points(row.accuracy)} ±${half.toFixed(1).padStart(4)}`.padStart(14)
}

function line(
  suite: string,
  mode: EvaluationMode,
  kinds: readonly Kind[],
  rows: readonly Evaluation[],
): string {
  const mine = kinds.map(kind => rows.find(row => row.kind === kind))
  const found = mine.filter(row => row !== undefined)
  const { samples = 1, items = 0 } = found[0] ?? {}
  const meanOver = (share: (row: Evaluation) => number) =>
    points(found.reduce((sum, row) => sum + share(row), 0) / Math.max(1, found.length))
  const name = mode === 'sampled' ? `mean@${samples}` : mode
  const pass = mode === 'sampled' ? `  pass@${samples} ${meanOver(passRate)}` : ''
  const scratch = `  scratch ${meanOver(row => scoreOf(row).scratch)}`
  const mean = meanOver(({ accuracy }) => accuracy)
  const cutOff = found.reduce((sum, row) => sum + (row.cut ?? 0), 0)
  const cut = cutOff > 0 ? `, ${cutOff} answers cut` : ''
  return `  ${suite.padEnd(15)} ${name.padEnd(8)}${mine.map(cell).join('')}  mean ${mean}${pass}${scratch}  (${items} items per kind${cut})`
}

/** One line for each suite and mode of a step, in percent; empty if nothing was scored. */
export function scoreLines(rows: readonly Evaluation[]): string[] {
  if (rows.length === 0) return []
  const suites = [...new Set(rows.map(({ suite }) => suite))]
  const kinds = inOrder([...builtInNames, ...rows.map(({ kind }) => kind)])
  const lines = suites.flatMap(suite =>
    evaluationModes.flatMap(mode => {
      const mine = rows.filter(row => row.suite === suite && row.mode === mode)
      return mine.length > 0 ? [line(suite, mode, kinds, mine)] : []
    }),
  )
  return [`  ${''.padEnd(24)}${kinds.map(kind => kind.padStart(14)).join('')}`, ...lines]
}

/** The scores of the newest scored step. */
export function newest(rows: readonly Evaluation[]): Evaluation[] {
  const step = Math.max(...rows.map(row => row.step))
  return rows.filter(row => row.step === step)
}
