/**
 * The baseline of a group whose rewards are all equal. Within the step it has none: whitened, equal
 * rewards are 0, and a kind whose proposals all fail alike would be trained for nothing and stay dead.
 * So it is held against what it earned in the steps before. Why: docs/decisions/0014.
 */
import { type Rewarded, taskGroup } from './rewarded.ts'

/** How often a group earned a reward in earlier steps, by its name (`taskGroup`). */
export type Earned = { reward: number; count: number }
export type Earlier = ReadonlyMap<string, readonly Earned[]>

/** Groups by kind and role in which nothing tells one sequence from another. */
export function flatGroups(items: readonly Rewarded[]): Map<string, readonly Rewarded[]> {
  const groups = [...Map.groupBy(items, taskGroup)]
  return new Map(
    groups.filter(([, members]) => members.every(({ reward }) => reward === members[0]?.reward)),
  )
}

/** (r - mean) / deviation over earlier steps and this one: 0 where the group never earned anything else. */
export function againstEarlier(members: readonly Rewarded[], earlier: readonly Earned[]): number {
  const reward = members[0]?.reward ?? 0
  const all = [...earlier, { reward, count: members.length }]
  const count = all.reduce((sum, one) => sum + one.count, 0)
  const mean = all.reduce((sum, one) => sum + one.count * one.reward, 0) / count
  const variance = all.reduce((sum, one) => sum + one.count * (one.reward - mean) ** 2, 0) / count
  return variance === 0 ? 0 : (reward - mean) / Math.sqrt(variance)
}

/** Advantages of the members of flat groups, by id. */
export function flatAdvantages(items: readonly Rewarded[], earlier: Earlier): Map<string, number> {
  return new Map(
    [...flatGroups(items)].flatMap(([name, members]) => {
      const advantage = againstEarlier(members, earlier.get(name) ?? [])
      return advantage === 0 ? [] : members.map(({ id }) => [id, advantage] as const)
    }),
  )
}
