/**
 * Combines runs that differ only in their seed into one curve: the mean, and a band over the seeds.
 * Pure.
 */
import type { Differences } from './api.ts'

export type Group = { name: string; ids: string[]; color: string }
type Point = readonly [step: number, value: number]

/** Until the differences are known, each run is its own group. */
export function groupsOf(
  ids: readonly string[],
  found: Pick<Differences, 'runs' | 'knobs'> | null,
  colorOf: (i: number) => string,
): Group[] {
  const keyOf = (id: string) => {
    const at = found?.runs.findIndex(run => run.id === id) ?? -1
    if (!found || at < 0) return id
    const own = found.knobs
      .filter(({ path, operational }) => path !== 'seed' && !operational)
      .map(({ values }) => values[at])
    return JSON.stringify([found.runs[at]?.preset, found.runs[at]?.lineage, own])
  }
  return [...Map.groupBy(ids, keyOf).values()].map(members => {
    const [first = ''] = members
    const more = members.length - 1
    const name = more > 0 ? `${first} and ${more} more ${more === 1 ? 'seed' : 'seeds'}` : first
    return { name, ids: members, color: colorOf(ids.indexOf(first)) }
  })
}

/** Mean, lowest and highest value at the steps that all curves have. */
export function meanOf(curves: readonly (readonly Point[])[]) {
  const steps = Map.groupBy(curves.flat(), ([step]) => step)
  const whole = [...steps]
    .filter(([, points]) => points.length === curves.length)
    .sort(([a], [b]) => a - b)
    .map(([step, points]) => ({ step, values: points.map(([, value]) => value) }))
  return {
    points: whole.map(({ step, values }): Point => {
      return [step, values.reduce((sum, value) => sum + value, 0) / values.length]
    }),
    band: whole.map(({ step, values }) => {
      return [step, Math.min(...values), Math.max(...values)] as const
    }),
  }
}
