/** Texts in and out of a model: fences that are tagged, and what comes of reading one. */

export type Parsed<T> = { ok: true; value: T } | { ok: false; reason: string }

/** A text that could not be read; the reason is stored with the grade. */
export const refuse = (reason: string) => ({ ok: false, reason }) as const
export const accept = <T>(value: T) => ({ ok: true, value }) as const

export const fence = (tag: string, text: string) => `\`\`\`${tag}\n${text}\n\`\`\``

export const list = (lines: string[]) => lines.map(line => `- ${line}`).join('\n')

/** Contents of all fences with one of these tags, in order. */
export function fences(text: string, tags: string): string[] {
  const pattern = new RegExp(`\`\`\`(?:${tags})[ \\t]*\\r?\\n([\\s\\S]*?)\`\`\``, 'gi')
  return [...text.matchAll(pattern)].map(match => (match[1] as string).replace(/\s+$/, ''))
}

/** The last fence with this tag: models correct themselves. */
export function lastFence(text: string, tag: string): Parsed<string> {
  const last = fences(text, tag).at(-1)
  return last === undefined ? refuse('no answer') : accept(last.trim())
}
