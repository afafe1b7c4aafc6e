/** What the made pages have in common. */
import { wrap } from '../../lib/terminal.ts'

export const made = '<!-- Made by `node scripts/write-docs.ts`; edit the code instead. -->'

/** Text of the code as Markdown: no tags, whole cells, and names of pages as links. */
export function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|')
    .replace(/`?\bdocs\/([\w-]+)\/([\w-]+)\.md\b`?/g, '[$2](../$1/$2.md)')
    .replaceAll('(../reference/', '(')
    .replaceAll('\n', ' ')
}

/** A table; rows with cells that are Markdown already. */
export function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line), '']
}

export const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``

/** A paragraph of the code's text, in lines that fit. */
export const paragraph = (text: string): string[] => [...wrap(prose(text), 100), '']
