/**
 * What of a completion is a mathematical answer, by rules that lose no right one; the paper's are in
 * paper.ts. Not here: how it is read (written.ts) and compared (grade.ts).
 */
import { answerBlock, withoutThoughts } from '../extract.ts'
import { lastBoxes } from './boxes.ts'

const longest = 300
const specialTokens = /<[|｜][^|｜<>]*[|｜]>|<\/s>/g

const says = /answers?[*_`\s]*(?:is|are|:|=)[*_`\s]*:?\s*/gi
const heading =
  /^[ \t]*(?:#{1,6}[ \t]*\**|\*\*)(?:the )?(?:final )?answer:?\**[ \t]*:?[ \t]*\n\s*/gim
const hashes = /^[ \t]*####[ \t]+(?=[^\n]*\d)(?![^\n]*answer)/gim
const display = /\\\[([\s\S]*?)\\\]|\$\$([\s\S]*?)\$\$/g

/** A formula, a word in bold or a line at the beginning of a text. */
const first =
  /^(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\*\*([^*\n]+?)\*\*(?=[\s.,]*(?:\n|$))|([^\n]+))/

const trimmed = (text: string) =>
  text
    .replace(/,?\s+(?:because|since)\b.*$|\.\s+[A-Z].*$/, '')
    .trim()
    .replace(/^(?:\*\*|__|`)([^*`]+?)(?:\*\*|__|`)?(?=[.\s]*$)/, '$1')
    .replace(/(?:\*\*|`)?[.\s]*(?:\*\*|`)?$/, '')
    .trim()

/** The last place that says which answer it is. */
function announced(text: string): string | null {
  const places = [says, heading, hashes].flatMap(pattern => [...text.matchAll(pattern)])
  const ends = places.map(({ 0: whole, index }) => index + whole.length)
  if (ends.length === 0) return null
  const found = first.exec(text.slice(Math.max(...ends)))
  return found ? trimmed(found.slice(1).find(Boolean) as string) || null : null
}

/** The last sentence that says which answer it is, or a text that is nothing but an answer. */
function stated(written: string): string | null {
  const text = written.replace(/\\(?:boxed|fbox)\s*\{[\s.…?]*\}/g, '')
  const said = announced(text)
  if (said !== null) return said
  const shown = [...text.matchAll(display)].at(-1)
  if (shown) return (shown[1] ?? shown[2] ?? '').trim()
  const bold = /\*\*([^*\n]+)\*\*[.\s]*$/.exec(text)?.[1]
  if (bold !== undefined) return trimmed(bold)
  const whole = text.trim()
  return whole !== '' && whole.length <= longest && !whole.includes('\n') ? whole : null
}

/**
 * The answer as it was written, out of its block, box and dollar signs; `count`: how many values
 * are asked.
 */
export function mathAnswer(completion: string, count = 1): string | null {
  const outside = withoutThoughts(completion).replace(specialTokens, '')
  const text = answerBlock(outside)
  const isMarked = text !== outside
  const found = lastBoxes(text, count) ?? (isMarked ? (announced(text) ?? text) : stated(text))
  const bare = found
    ?.trim()
    .replace(/^(\$\$?|\\\(|\\\[)((?:(?!\1)[\s\S])*?)(\$\$?|\\\)|\\\])\.?$/, '$2')
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
