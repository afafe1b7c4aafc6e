/** Counts equal reasons: the most frequent first, and of equally frequent ones the earliest. */
export function countReasons(reasons: readonly string[]): { reason: string; count: number }[] {
  return [...Map.groupBy(reasons, reason => reason)]
    .map(([reason, all]) => ({ reason, count: all.length }))
    .sort((a, b) => b.count - a.count)
}
