/** Adds up a list of grades: counts, a share with its interval, pass@k; and formats them. */

import { countsOf, passesOf } from '../../domain/score.ts'
import { deviationOf, meanOf, sharesInterval } from '../../domain/statistics.ts'
import { percent } from '../../lib/formats.ts'
import type { Grade } from '../benchmarks/grade.ts'

export type Tally = {
  items: number
  answers: number
  verdicts: Record<string, number>
  /** Mean over items of each item's share of right answers, without ungraded ones. */
  accuracy: number
  low: number
  high: number
  passAtK: Record<string, number>
  /** The accuracy by the paper's rules, if they differ. */
  paperAccuracy: number | null
}

export function tallyGrades(all: readonly { id: string; grade: Grade }[]): Tally {
  const groups = [...Map.groupBy(all, ({ id }) => id).values()].map(group =>
    group.map(({ grade }) => grade),
  )
  const verdicts: Tally['verdicts'] = { correct: 0, wrong: 0, malformed: 0, ungraded: 0 }
  for (const { grade } of all) verdicts[grade.verdict] = (verdicts[grade.verdict] ?? 0) + 1
  const shares = countsOf(groups.map(group => group.map(({ verdict }) => verdict)))
  const means = shares.map(({ count, right }) => right / count)
  const accuracy = meanOf(means)
  const interval = sharesInterval(accuracy, deviationOf(means), means.length)
  const hasPaper = all.some(({ grade }) => grade.paperVerdict)
  const papers = countsOf(groups.map(group => group.map(one => one.paperVerdict ?? 'wrong')))
  return {
    items: groups.length,
    answers: all.length,
    verdicts,
    accuracy,
    ...interval,
    passAtK: passesOf(shares),
    paperAccuracy: hasPaper ? meanOf(papers.map(one => one.right / one.count)) : null,
  }
}

export function verdictLines(name: string, tally: Tally, total: number, seconds: number): string[] {
  const { items, answers, verdicts, accuracy, low, high, paperAccuracy } = tally
  const of = items < total ? `${items} of ${total} items` : `${items} items`
  const many = answers > items ? `, ${answers} answers` : ''
  const passes = Object.entries(tally.passAtK).map(([k, share]) => `${k} ${percent(share, 1)}`)
  const counts = Object.entries(verdicts).map(([verdict, count]) => `${count} ${verdict}`)
  return [
    `${name}: ${percent(accuracy, 1)} [${percent(low, 1)}–${percent(high, 1)}] of ${of}${many}, ${seconds.toFixed(1)} s`,
    ...(passes.length > 0 ? [`  ${passes.join('  ')}`] : []),
    `  ${counts.join(', ')}`,
    ...(paperAccuracy === null ? [] : [`  by the paper's own rules: ${percent(paperAccuracy, 1)}`]),
    ...(verdicts.ungraded
      ? ['  ungraded answers do not count: `--out FILE` gives the reason of each']
      : []),
  ]
}
