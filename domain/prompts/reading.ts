/**
 * The interface of readers, which find the parts of an answer block, and the strict reader. The
 * reader that follows the published code is in published.ts; blocks are found in r1.ts.
 */

export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: string }

/** A text that could not be read; the reason is stored with the grade. */
export const refuse = (reason: string) => ({ ok: false, reason }) as const
export const accept = <T>(value: T) => ({ ok: true, value }) as const

export const fence = (tag: string, text: string) => `\`\`\`${tag}\n${text}\n\`\`\``

export const list = (lines: string[]) => lines.map(line => `- ${line}`).join('\n')

/** Finds the parts of a proposal and of an answer. */
export type Reader = {
  /** The program of a proposal. */
  program: (text: string) => Parsed<string>
  input: (text: string) => Parsed<string>
  /** All inputs of a proposal, in order, if it asks for several. */
  inputs: (text: string) => string[]
  message: (text: string) => Parsed<string>
  /** All programs and messages of a proposal, in order. Only one of each is asked for. */
  programs: (text: string) => string[]
  messages: (text: string) => string[]
  /** A solver's answer: an input, an output, or a program. */
  value: (text: string, tag: 'input' | 'output') => Parsed<string>
  code: (text: string) => Parsed<string>
}

/** Contents of all fences with one of these tags, in order. */
export function fences(text: string, tags: string): string[] {
  const pattern = new RegExp(`\`\`\`(?:${tags})[ \\t]*\\r?\\n([\\s\\S]*?)\`\`\``, 'gi')
  return [...text.matchAll(pattern)].map(match => (match[1] as string).replace(/\s+$/, ''))
}

/** The last fence with this tag, because models correct themselves. */
export function lastFence(text: string, tag: string): Parsed<string> {
  const last = fences(text, tag).at(-1)
  return last === undefined ? refuse('no answer') : accept(last.trim())
}

function firstFence(text: string, tag: string, reason: string): Parsed<string> {
  const [first] = fences(text, tag)
  return first === undefined ? refuse(reason) : accept(first)
}

function trimmed(found: Parsed<string>): Parsed<string> {
  return found.ok ? accept(found.value.trim()) : found
}

/** Each part is in its own fence, on its own lines, under its tag. */
export const strict: Reader = {
  program: text => firstFence(text, 'python', 'no code fence'),
  input: text => trimmed(firstFence(text, 'input', 'no input fence')),
  inputs: text => fences(text, 'input').map(input => input.trim()),
  message: text => trimmed(firstFence(text, 'message', 'no message')),
  programs: text => fences(text, 'python'),
  messages: text => fences(text, 'message'),
  value: lastFence,
  code: text => lastFence(text, 'python'),
}
