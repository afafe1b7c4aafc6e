/** Decides which checkpoints to keep: the newest, one every so many steps, and the best. Pure. */

export type Keeping = { keep: number; keepEvery: number }

/** The steps whose checkpoints stay. The newest always does. */
export function keptSteps(
  steps: readonly number[],
  { keep, keepEvery }: Keeping,
  best: number | null,
): Set<number> {
  const ordered = steps.toSorted((a, b) => a - b)
  const regular = keepEvery > 0 ? ordered.filter(step => step % keepEvery === 0) : []
  return new Set([...ordered.slice(-keep), ...regular, ...(best === null ? [] : [best])])
}
