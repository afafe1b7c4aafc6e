/**
 * Links of a page, which are relative to its file so that they work on a forge: a page gets its
 * address on the site, and any other file of the repository a copy below `source/`.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

const root = join(import.meta.dirname, '..', '..')
const linked = new Set<string>()

/** The path of a Markdown file on the site. */
export const pageOf = (file: string): string =>
  file.replace(/^docs\//, '').replace(/(^|\/)README\.md$/, '$1readme.md')

function addressOf(href: string, page: string): string {
  if (/^([a-z]+:|#|\/)/.test(href)) return href
  const [path = '', anchor] = href.split('#')
  const file = relative(root, join(dirname(page), decodeURI(path)))
  const hash = anchor === undefined ? '' : `#${anchor}`
  if (file.endsWith('.md')) return `/${pageOf(file)}${hash}`
  linked.add(file)
  return `/source/${file}.txt${hash}`
}

export function siteLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('site-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      if (token.type !== 'link_open') continue
      token.attrSet('href', addressOf(token.attrGet('href') ?? '', env.realPath ?? env.path))
    }
  })
}

export function copyLinked(outDir: string): void {
  for (const file of linked) {
    const copy = join(outDir, 'source', `${file}.txt`)
    mkdirSync(dirname(copy), { recursive: true })
    copyFileSync(join(root, file), copy)
  }
}
