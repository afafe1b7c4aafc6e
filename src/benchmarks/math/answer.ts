/**
 * What of a completion is a mathematical answer, by rules that lose no right one; the paper's are in
 * paper.ts. Whether two answers are equal, a process of the sandbox says (src/benchmarks/math/grade.ts).
 */
import { answerText, boxed } from '../extract.ts'

const longest = 300

/** The last sentence that says which answer it is, or a text that is nothing but an answer. */
function stated(text: string): string | null {
  const said = [...text.matchAll(/answer\s*(?:is|:|=)\s*:?\s*([^\n]+)/gi)].at(-1)?.[1]
  if (said) return said.replace(/\.\s*$/, '').trim()
  const shown = /\\\[([\s\S]*?)\\\]/.exec(text)?.[1]
  if (shown) return shown.trim()
  const whole = text.trim()
  return whole !== '' && whole.length <= longest && !whole.includes('\n') ? whole : null
}

/** The answer as it was written, out of its block, box and dollar signs. */
export function mathAnswer(completion: string): string | null {
  const isMarked = completion.includes('<answer>')
  const text = answerText(completion)
  const found = boxed(text) ?? (isMarked ? text.trim() : stated(text))
  const bare = found
    ?.trim()
    .replace(/^(\$\$?|\\\(|\\\[)([\s\S]*?)(\$\$?|\\\)|\\\])$/, '$2')
    .trim()
  return bare ? bare : null
}

/** Whether each brace that opens is closed: what is not would reach out of the box it is read in. */
export function isBalanced(text: string): boolean {
  let depth = 0
  for (const [sign] of text.matchAll(/\\.|[{}]/gs)) {
    if (sign === '{') depth++
    if (sign === '}' && --depth < 0) return false
  }
  return depth === 0
}

const units = [
  'degrees?|mph|km/h|m/s|ft|feet|foot|inch(?:es)?|yards?|miles?|mm|cm|km',
  '(?:centi|kilo|milli)?met(?:er|re)s?|kg|(?:kilo)?grams?|lbs?|pounds?|lit(?:er|re)s?',
  'gallons?|acres?|hectares?|seconds?|minutes?|hours?|days?|weeks?|months?|years?',
  'dollars?|cents?|units?',
].join('|')
const measured = new RegExp(
  `^(.*\\d\\D{0,3}?)\\s+(?:(?:square|cubic|sq|cu)\\.?\\s+)?(?:${units})\\.?$`,
  'i',
)

/** A number without the unit that is written after it in plain words; null where there is none. */
export const withoutUnit = (answer: string): string | null => measured.exec(answer)?.[1] ?? null

/** The same words and signs, however they are spaced: right without any algebra. */
export function isSameText(one: string, two: string): boolean {
  const [a, b] = [one, two].map(text =>
    text
      .replace(/\\(?:text|mathrm|textbf|mbox)\{([^{}]*)\}/g, '$1')
      .replace(/\\left|\\right|\\[,;! ]|[\s$]/g, '')
      .replace(/\\[dt]frac/g, '\\frac')
      .replace(/\.$/, '')
      .toLowerCase(),
  )
  return a === b && a !== ''
}
