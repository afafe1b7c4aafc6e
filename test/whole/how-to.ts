/** The commands and the code of a how-to page, for the test that runs them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../src/config/paths.ts'

/** The contents of the page's fences of a language, in order. */
export function howTo(name: string): (language: string) => string[] {
  const page = readFileSync(join(root, 'docs', 'how-to', `${name}.md`), 'utf8')
  return language =>
    [...page.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(
      ([, text = '']) => text,
    )
}
