/** Common parts of the generated pages. */
import { wrap } from '../../lib/terminal.ts'

export const made = '<!-- Made by `node scripts/write-docs.ts`; edit the code instead. -->'

/** A text from the code as Markdown: escapes tags and pipes, and links names of pages. */
export function prose(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map(part => (part.startsWith('`') ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replaceAll('|', '\\|')
    .replace(/`?\bdocs\/([\w-]+)\/([\w-]+)\.md\b`?/g, '[$2](../$1/$2.md)')
    .replaceAll('\n', ' ')
}

/** A table. Cells are Markdown already. */
export function table(head: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line), '']
}

export const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``

/** A text from the code as a wrapped paragraph. */
export const paragraph = (text: string): string[] => [...wrap(prose(text), 100), '']
