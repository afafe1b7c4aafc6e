/**
 * Finds the boxes of an answer: `\boxed{…}` and `\fbox{…}`, nested, or several for several values.
 */

type Box = { content: string; from: number; to: number }

const opening = /\\(?:boxed|fbox)\s*(\{|[\w+-]+)/g
/** A placeholder for an answer. */
const placeholder =
  /^(?:[\s.…_?$]|\\(?:text\{\s*\}|[lc]?dots|quad|,|;|ldotp)|(?:your |final )?answer)*$/i

/** The brace that closes the one opened before `from`; -1 if none does. */
function closeOf(text: string, from: number): number {
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

/** The outermost boxes; null if the last one was cut off. */
function outermost(text: string): Box[] | null {
  const found: Box[] = []
  let to = 0
  for (const { 0: whole, 1: inner = '', index } of text.matchAll(opening)) {
    if (index < to) continue
    const from = index + whole.length
    if (inner !== '{') {
      to = from
      found.push({ content: inner, from: index, to })
      continue
    }
    const close = closeOf(text, from)
    if (close < 0) return placeholder.test(text.slice(from)) ? found : null
    to = close + 1
    found.push({ content: unboxed(text.slice(from, close)), from: index, to })
  }
  return found
}

/** A text without the boxes around its parts. */
export function unboxed(text: string): string {
  let found = ''
  let at = 0
  for (const { content, from, to } of outermost(text) ?? []) {
    found += text.slice(at, from) + content
    at = to
  }
  return (found + text.slice(at)).trim()
}

const between =
  /^(?:[\s$,;&]|\n\s*[-*•]|\\[()[\]\\,;]|\\q?quad|and|or|\\text\{\s*(?:and|or)?,?\s*\})*(?:[a-z]\w?(?:_\{?\w\}?)?\s*=\s*)?$/i

/**
 * The content of the last box. Boxes with only `and` or a comma between them are one list. So are
 * all boxes, if there are as many as the `count` of answers. An empty box, or one with dots, has no
 * answer.
 */
export function lastBoxes(text: string, count = 1): string | null {
  const all = (outermost(text) ?? []).filter(({ content }) => !placeholder.test(content))
  let first = all.length - 1
  while (first > 0) {
    if (!between.test(text.slice(all[first - 1]?.to, all[first]?.from))) break
    first--
  }
  const contents = (boxes: Box[]) => [...new Set(boxes.map(({ content }) => content))]
  const last = contents(all.slice(Math.max(first, 0)))
  const every = contents(all)
  const taken = last.length === 1 && every.length === count ? every : last
  return taken.length === 0 ? null : taken.join(', ')
}
