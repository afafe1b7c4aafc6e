/**
 * An end by count: a completion ends after a given number of parts. Text after that is not part of
 * it, so it is neither read nor trained on. The reason is in
 * docs/decisions/0014-what-is-not-asked-for.md.
 */
export type End = {
  /** The text that closes a part. The last one is cut off. */
  text: string
  /** The number of parts. */
  count: number
  /** Parts are counted after the first such text, or from the beginning without it. */
  after?: string
}

/** The offset of the text that ends the last part; -1 if it has not come. */
export function endIn(text: string, { text: mark, count, after = '' }: End): number {
  const from = text.indexOf(after)
  if (from < 0) return -1
  let at = text.indexOf(mark, from + after.length)
  for (let part = 1; part < count && at >= 0; part += 1) at = text.indexOf(mark, at + mark.length)
  return at
}
