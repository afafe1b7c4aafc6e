/**
 * Finds the answer in a completion. All templates share one rule: the last answer block if there is
 * one, or the text outside of thoughts. Code in the answer is found in code.ts.
 */

const word = '(?:think(?:ing)?|thought|reasoning|scratchpad)'
/**
 * The marks with which models begin and end their thoughts: tags, Magistral's, Kimi's, gpt-oss's.
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
 * The text outside of thoughts. A closing tag without an opening one ends a thought that the prompt
 * opened. A thought without an end stops at an answer block. If there is nothing outside, the
 * thought itself is the text.
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
 * The last closed answer block, or the text after the last `<answer>`, or the whole text. Prose
 * that only mentions such a block does not close one.
 */
export function answerBlock(text: string): string {
  const closed = text.lastIndexOf('</answer>')
  const open = text.lastIndexOf('<answer>', closed < 0 ? text.length : closed)
  if (open < 0) return text
  return text.slice(open + '<answer>'.length, closed > open ? closed : undefined)
}

export const answerText = (completion: string) => answerBlock(withoutThoughts(completion))

/** The content of the last `[ANSWER]` … `[/ANSWER]`, which CRUXEval's own prompts ask for. */
export function bracketed(text: string): string | null {
  const open = text.lastIndexOf('[ANSWER]')
  if (open < 0) return null
  const rest = text.slice(open + '[ANSWER]'.length)
  const close = rest.indexOf('[/ANSWER]')
  return (close < 0 ? rest : rest.slice(0, close)).trim()
}

/** The content of the last `\boxed{…}` with balanced braces, or the text after `\boxed 7`. */
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
