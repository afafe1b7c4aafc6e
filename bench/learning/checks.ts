/** The thresholds of the benchmark, each marked as met, missed, or not measured. */

import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { meanOf } from '../../domain/statistics.ts'
import { percent } from '../../lib/formats.ts'
import { higherChecks } from './aims.ts'
import type { Measured } from './cells.ts'
import { type Check, check, courseChecks } from './course.ts'
import { type Difference, type FigureName, type Line, lineOf, points } from './table.ts'

/** For the base: room to learn, and something to find. */
function baseChecks(lines: Line[], easy: string): Check[] {
  const mean = lineOf(lines, 'full', easy)?.figures
  const deduction = lineOf(lines, 'full', easy, 'deduction')?.figures
  const { greedy, mean: sampled, pass } = mean ?? {}
  const { direct, scratch, sampledScratch, greedyScratch } = deduction ?? {}
  const ratio = pass && sampled ? pass.start / sampled.start : null
  const gap = direct && scratch ? scratch.start - direct.start : null
  const shares =
    greedyScratch && sampledScratch
      ? `${percent(greedyScratch.start, 1)} greedy, ${percent(sampledScratch.start, 1)} sampled`
      : null
  return [
    check(
      'base: 20 to 50 % of easy, greedy',
      greedy ? percent(greedy.start, 1) : null,
      greedy !== undefined && greedy.start >= 0.2 && greedy.start <= 0.5,
    ),
    check(
      'base: pass@8 at least 1.5 times mean@8, easy',
      ratio?.toFixed(2) ?? null,
      (ratio ?? 0) >= 1.5,
    ),
    check(
      'base: forced scratch beats forced direct by 10 points in easy deduction',
      gap === null ? null : points(gap),
      (gap ?? 0) >= 0.1,
    ),
    check(
      'base: scratch is not the likelier mode in easy deduction',
      shares,
      Math.max(greedyScratch?.start ?? 1, sampledScratch?.start ?? 1) < 0.5,
    ),
  ]
}

type Goal = { figure: FigureName; suite: string; least: number; wish?: number }

function goalChecks(lines: Line[], { figure, suite, least, wish }: Goal): Check[] {
  const gain = lineOf(lines, 'full', suite)?.figures[figure]?.gain
  const what = `${figure === 'mean' ? 'mean@8' : figure}, ${suite}`
  const { bySeed, byItem } = gain ?? {}
  const isAbove = (bySeed?.low ?? -1) > 0 && (byItem?.low ?? -1) > 0
  const range = (interval: typeof bySeed) =>
    interval ? `${points(interval.low)} to ${points(interval.high)}` : 'none'
  return [
    check(
      `full: ${what} gains ${100 * least} points`,
      gain ? points(gain.mean) : null,
      (gain?.mean ?? 0) >= least,
    ),
    ...(wish === undefined
      ? []
      : [
          check(
            `full: ${what} gains ${100 * wish}, our aim`,
            gain ? points(gain.mean) : null,
            (gain?.mean ?? 0) >= wish,
          ),
        ]),
    check(
      `full: ${what}: the paired intervals are above 0`,
      gain ? `seeds ${range(bySeed)}, items ${range(byItem)}` : null,
      isAbove,
    ),
  ]
}

function kindChecks(lines: Line[], suite: string): Check[] {
  return kinds.map(kind => {
    const gain = lineOf(lines, 'full', suite, kind)?.figures.greedy?.gain.mean
    const claim = `full: ${kind} does not fall by more than 1 point, greedy, ${suite}`
    return check(claim, gain === undefined ? null : points(gain), (gain ?? -1) >= -0.01)
  })
}

function proposerCheck(found: Difference[], suite: string): Check {
  const mine = found.find(
    row => row.arm === 'frozen' && row.suite === suite && row.figure === 'mean',
  )
  const interval = mine?.bySeed
    ? ` (${points(mine.bySeed.low)} to ${points(mine.bySeed.high)})`
    : ''
  return check(
    `the trained proposer beats a fixed buffer, mean@8, ${suite}`,
    mine ? `${points(mine.mean)}${interval}` : null,
    (mine?.bySeed?.low ?? -1) > 0,
  )
}

/**
 * Checks that additions pay: the preset has to gain 1.2 times as much as the paper's method, and
 * each arm `beyond-…` 1.2 times as much as the preset.
 */
function beyondChecks(found: Difference[]): Check[] {
  const rows = found.filter(row => row.figure === 'mean')
  const claimOf = (one: string, other: string, { suite, seeds }: Difference) =>
    `${one}: 1.2 times the gain of ${other} at equal samples, mean@8, ${suite}, ${seeds} seeds`
  const verdict = (claim: string, gain: number, plain: number) =>
    check(claim, `${points(gain)} against ${points(plain)}`, gain > 0 && gain >= 1.2 * plain)
  return rows.flatMap(row => {
    const [full, other] = row.gains
    if (row.arm === 'paper') return [verdict(claimOf('full', 'paper', row), full, other)]
    if (!row.arm.startsWith('beyond-')) return []
    return [verdict(claimOf(row.arm, 'full', row), other, full)]
  })
}

export function checksOf(
  measured: Measured[],
  lines: Line[],
  found: Difference[],
  [easy = '', hard = '']: string[],
): Check[] {
  const full = measured.filter(({ arm }) => arm === 'full')
  const alone = full.filter(run => run.jobs === 1)
  const seconds = meanOf(alone.map(run => run.seconds))
  const longest = Math.max(0, ...alone.map(run => run.seconds))
  const others = ['lr0', 'random', 'frozen', 'sft'].map(arm => {
    const count = measured.filter(run => run.arm === arm).length
    return check(`${arm}: at least 2 seeds`, count > 0 ? `${count}` : null, count >= 2)
  })
  return [
    ...baseChecks(lines, easy),
    check('full: 5 seeds', full.length > 0 ? `${full.length}` : null, full.length >= 5),
    check(
      'full: at most 10 minutes from command to exit, one run at a time',
      alone.length > 0 ? `${seconds.toFixed(0)} s, longest ${longest.toFixed(0)} s` : null,
      longest <= 600,
    ),
    ...goalChecks(lines, { figure: 'mean', suite: easy, least: 0.1 }),
    ...goalChecks(lines, { figure: 'mean', suite: hard, least: 0.06, wish: 0.12 }),
    ...goalChecks(lines, { figure: 'greedy', suite: easy, least: 0.04, wish: 0.08 }),
    ...goalChecks(lines, { figure: 'greedy', suite: hard, least: 0.02, wish: 0.03 }),
    ...[easy, hard].flatMap(suite => kindChecks(lines, suite)),
    ...others,
    ...[easy, hard].map(suite => proposerCheck(found, suite)),
    ...courseChecks(measured.filter(({ arm }) => arm === 'long')),
    ...beyondChecks(found),
    ...higherChecks(measured, lines, found, [easy, hard]),
  ]
}
