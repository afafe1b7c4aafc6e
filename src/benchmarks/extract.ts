/**
 * What of a completion is the answer. One rule for all templates: the last answer block if there is
 * one, else what stands outside of thoughts. Code in it: code.ts.
 */

const word = '(?:think(?:ing)?|thought|reasoning|scratchpad)'
/**
 * How models mark that they think, and that they are done: tags, Magistral's, Kimi's, gpt-oss's.
 */
const begins = [
  `<${word}\\b[^<>]*>`,
  '\\[THINK\\]|◁think▷|<\\|begin_of_thought\\|>',
  '<\\|channel\\|>(?:analysis|commentary)[^<]*<\\|message\\|>',
].join('|')
const ends = [
  `<\\/${word}\\b[^<>]*>`,
  '\\[\\/THINK\\]|◁\\/think▷|<\\|end_of_thought\\|>',
  '<\\|channel\\|>final[^<]*<\\|message\\|>',
].join('|')
const marks = new RegExp(`(${ends})|${begins}`, 'gi')

/**
 * What stands outside of thoughts. A closing tag without an opening one ends a thought that the
 * prompt opened; a thought without an end ends where an answer block begins. Where nothing stands
 * outside, the thought is all there is to read.
 */
export function withoutThoughts(text: string): string {
  let outside = ''
  let from: number | null = 0
  let opened = 0
  for (const { 0: tag, 1: slash, index } of text.matchAll(marks)) {
    if (tag.endsWith('/>')) continue
    if (slash && from !== null) outside = ''
    if (!slash && from !== null) {
      outside += text.slice(from, index)
      opened = index
    }
    from = slash ? index + tag.length : null
  }
  if (from !== null) outside += text.slice(from)
  else outside += /<answer>[\s\S]*/.exec(text.slice(opened))?.[0] ?? ''
  return outside.trim() === '' ? text : outside
}

/**
 * Text of the last answer block that is closed, else after the last `<answer>`; the whole text
 * where there is none. What only speaks of such a block opens none that closes.
 */
export function answerBlock(text: string): string {
  const closed = text.lastIndexOf('</answer>')
  const open = text.lastIndexOf('<answer>', closed < 0 ? text.length : closed)
  if (open < 0) return text
  return text.slice(open + '<answer>'.length, closed > open ? closed : undefined)
}

export const answerText = (completion: string) => answerBlock(withoutThoughts(completion))

/** Contents of the last `[ANSWER]` … `[/ANSWER]`, as CRUXEval's own prompts ask for. */
export function bracketed(text: string): string | null {
  const open = text.lastIndexOf('[ANSWER]')
  if (open < 0) return null
  const rest = text.slice(open + '[ANSWER]'.length)
  const close = rest.indexOf('[/ANSWER]')
  return (close < 0 ? rest : rest.slice(0, close)).trim()
}

/** Contents of the last `\boxed{…}` with its braces in balance, or what follows `\boxed 7`. */
export function boxed(text: string): string | null {
  const open = [...text.matchAll(/\\(?:boxed|fbox)\s*(\{|[\w+-]+)/g)].at(-1)
  if (open?.[1] !== '{') return open?.[1] ?? null
  const from = open.index + open[0].length
  let depth = 1
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '{') depth++
    else if (text[at] === '}' && --depth === 0) return text.slice(from, at)
  }
  return null
}
