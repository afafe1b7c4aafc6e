/**
 * An end by count: a completion ends where so many of its parts are written. What comes after is no
 * part of it, so it is neither read nor trained on. Why:
 * docs/decisions/0014-what-is-not-asked-for.md.
 */
export type End = {
  /** What closes a part; the last one is cut from the text. */
  text: string
  /** Parts that are asked for. */
  count: number
  /** Parts are counted from the end of the first such text on; without this from the beginning. */
  after?: string
}

/** Where the text that ends the last part begins; -1: it has not come. */
export function endIn(text: string, { text: mark, count, after = '' }: End): number {
  const from = text.indexOf(after)
  if (from < 0) return -1
  let at = text.indexOf(mark, from + after.length)
  for (let part = 1; part < count && at >= 0; part += 1) at = text.indexOf(mark, at + mark.length)
  return at
}
