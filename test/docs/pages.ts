/** The Markdown files of the repository, their fences, links and headings. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { slug } from '../../docs/.vitepress/slug.ts'
import { root } from '../../src/config/paths.ts'

/** Tracked and new files, by their path from the root. */
export const pages: string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate', '--', '*.md'],
  { cwd: root, encoding: 'utf8' },
)
  .split('\n')
  .filter(path => path !== '' && !path.startsWith('test/'))

export const readPage = (page: string) => readFileSync(join(root, page), 'utf8')

export type Block = { page: string; line: number; language: string; marks: string[]; text: string }

/** The fenced blocks of a page. A fence names the language first, then its marks. */
export function blocksOf(page: string): Block[] {
  const fences = readPage(page).matchAll(/^( *)```(.*)\n((?:.*\n)*?)\1```$/gm)
  return [...fences].map(({ index, input, 1: indent = '', 2: info = '', 3: body = '' }) => {
    const [language = '', ...marks] = info.trim().split(/\s+/)
    const line = input.slice(0, index).split('\n').length
    return {
      page,
      line,
      language,
      marks,
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }
  })
}

/** The page without code, in which nothing is a link or a heading. */
const prose = (page: string) =>
  readPage(page)
    .replaceAll(/^( *)```.*\n(?:.*\n)*?\1```$/gm, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')

export function linksOf(page: string): string[] {
  const text = prose(page).replaceAll(/`[^`\n]*`/g, code => (code.includes('](') ? '' : code))
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = '']) => target)
}

/** The anchors of a page, as forges number equal ones. */
export function anchorsOf(page: string): Set<string> {
  const seen = new Map<string, number>()
  const anchors = [...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
    const name = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, ''))
    const count = seen.get(name) ?? 0
    seen.set(name, count + 1)
    return count === 0 ? name : `${name}-${count}`
  })
  return new Set(anchors)
}
