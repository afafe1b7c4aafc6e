/** Every link of every Markdown file leads somewhere; docs/index.md reaches every page. */
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../src/config/paths.ts'
import { anchorsOf, linksOf, pages, readPage } from './pages.ts'

type Target = { file: string; anchor: string | undefined }

function targetOf(page: string, link: string): Target {
  const [path = '', anchor] = link.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), decodeURI(path)))
  return { file, anchor }
}

/** Why a link is broken; null if it is not. */
function faultOf(page: string, link: string): string | null {
  const { file, anchor } = targetOf(page, link)
  const path = join(root, file)
  if (link.startsWith('/') || file.startsWith('..')) return 'leaves the repository'
  if (!existsSync(path)) return 'leads to no file'
  if (!statSync(path).isFile()) return 'leads to a folder: name a file in it'
  if (anchor === undefined) return null
  return file.endsWith('.md') && !anchorsOf(file).has(anchor) ? 'leads to no heading' : null
}

const isOurs = (link: string) => !/^[a-z]+:/.test(link)

test('there are pages, and links on them', () => {
  expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/index.md']))
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(150)
})

test.each(pages)('every link of %s leads somewhere', page => {
  const broken = linksOf(page)
    .filter(isOurs)
    .flatMap(link => {
      const fault = faultOf(page, link)
      return fault === null ? [] : [`${link} ${fault}`]
    })
  expect(broken).toEqual([])
})

describe('a broken link is found', () => {
  test.each([
    ['gone.md', 'leads to no file'],
    ['docs', 'leads to a folder'],
    ['../outside.md', 'leaves the repository'],
    ['docs/reference/config.md#no-such-section', 'leads to no heading'],
  ])('%s %s', (link, fault) => {
    expect(faultOf('README.md', link)).toContain(fault)
  })
})

test('docs/index.md links to every page of the tutorial, the guides, reference and explanation', () => {
  const listed = linksOf('docs/index.md').map(link => targetOf('docs/index.md', link).file)
  const own = pages.filter(page => /^docs\/(tutorial|how-to|reference|explanation)\//.test(page))
  expect(own.filter(page => !listed.includes(page))).toEqual([])
})

/** `docs/….md` in the code, where errors and comments name them. */
function pagesNamedInCode(): string[] {
  const words = [
    'grep',
    '-ohE',
    'docs/[a-z-]+/[a-z0-9-]+\\.md',
    '--',
    '*.ts',
    '*.tsx',
    '*.py',
    '*.yaml',
  ]
  const found = execFileSync('git', words, { cwd: root, encoding: 'utf8' })
  return [...new Set(found.trim().split('\n'))]
}

test('errors, help and comments name existing pages', () => {
  const named = pagesNamedInCode()
  expect(named.length).toBeGreaterThan(8)
  expect(named.filter(page => !existsSync(join(root, page)))).toEqual([])
})

test('README.md has at most 150 lines of at most 100 columns', () => {
  const lines = readPage('README.md').split('\n')
  expect(lines.length).toBeLessThanOrEqual(151)
  expect(lines.filter(line => line.length > 100)).toEqual([])
})

test('each page of research opens with its result in three sentences', () => {
  const own = pages.filter(page => /^research\/[\w-]+\.md$/.test(page))
  expect(own.length).toBeGreaterThan(4)
  for (const page of own) {
    const [, opening = ''] = readPage(page).split('\n\n')
    expect(opening, page).toMatch(/^[A-Z`]/)
    expect(opening.match(/\.(?=\s|$)/g), page).toHaveLength(3)
  }
})
