/**
 * Finds the mathematical answer in a completion, with rules that lose no right one. The paper's
 * rules are in paper.ts. Reading is in written.ts, comparing in grade.ts.
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

/** A formula, a bold word or a line at the beginning of a text. */
const first =
  /^(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\*\*([^*\n]+?)\*\*(?=[\s.,]*(?:\n|$))|([^\n]+))/

const trimmed = (text: string) =>
  text
    .replace(/,?\s+(?:because|since)\b.*$|\.\s+[A-Z].*$/, '')
    .trim()
    .replace(/^(?:\*\*|__|`)([^*`]+?)(?:\*\*|__|`)?(?=[.\s]*$)/, '$1')
    .replace(/(?:\*\*|`)?[.\s]*(?:\*\*|`)?$/, '')
    .trim()

/** The last place that announces the answer. */
function announced(text: string): string | null {
  const places = [says, heading, hashes].flatMap(pattern => [...text.matchAll(pattern)])
  const ends = places.map(({ 0: whole, index }) => index + whole.length)
  if (ends.length === 0) return null
  const found = first.exec(text.slice(Math.max(...ends)))
  return found ? trimmed(found.slice(1).find(Boolean) as string) || null : null
}

/** The last sentence that announces the answer, or a text that is only an answer. */
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
 * The answer as written, without its block, box and dollar signs. `count` is the number of values
 * asked for.
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

/** Whether every opened brace is closed. An open one would reach beyond the box. */
export function isBalanced(text: string): boolean {
  let depth = 0
  for (const [sign] of text.matchAll(/\\.|[{}]/gs)) {
    if (sign === '{') depth++
    if (sign === '}' && --depth < 0) return false
  }
  return depth === 0
}
