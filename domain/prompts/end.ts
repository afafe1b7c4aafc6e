/**
 * An end by count: a completion ends where so many of its parts are written. What comes after is no
 * part of it, so it is neither read nor trained on. Why: docs/decisions/0014-what-is-not-asked-for.md.
 */
export type End = {
  /** What closes a part; the last one is cut from the text. */
  text: string
  /** Parts that are asked for. */
  count: number
}

/** Where the text that ends the last part begins; -1: it has not come. */
export function endIn(text: string, { text: mark, count }: End): number {
  let at = text.indexOf(mark)
  for (let part = 1; part < count && at >= 0; part += 1) at = text.indexOf(mark, at + mark.length)
  return at
}
