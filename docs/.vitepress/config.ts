/**
 * The documentation as a site: `azr docs` builds and serves it. Pages are the Markdown files of
 * docs/, research/ and the root, which a forge shows as they are.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { copyLinked, pageOf, siteLinks } from './links.ts'
import { slug } from './slug.ts'

const root = join(import.meta.dirname, '..', '..')

function titleOf(file: string): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8')) ?? []
  return title.replaceAll('`', '')
}

const entry = (file: string) => ({ text: titleOf(file), link: `/${pageOf(file)}` })

/** The pages of a folder: those that are named first, in that order, then the others. */
function pages(folder: string, ...first: string[]) {
  const all = readdirSync(join(root, folder)).filter(name => name.endsWith('.md'))
  const rest = all.filter(name => !first.includes(name)).sort()
  return [...first, ...rest].map(name => entry(`${folder}/${name}`))
}

const group = (text: string, items: object[], collapsed?: boolean) => ({ text, items, collapsed })

const sidebar = [
  group(
    'Tutorial',
    pages('docs/tutorial', 'first-run.md', 'read-a-task.md', 'compare.md', 'fork.md', 'score.md'),
  ),
  group(
    'How-to',
    pages('docs/how-to', 'gpu.md', 'gpu-80gb.md', 'several-cards.md', 'rented-machine.md'),
    false,
  ),
  group('Reference', pages('docs/reference', 'cli.md', 'config.md', 'presets.md', 'api.md'), false),
  group('Explanation', pages('docs/explanation', 'loop.md', 'rewards.md'), false),
  group('Research', pages('research', 'learning.md', 'benchmarks.md'), true),
  group(
    'Contributing',
    [
      entry('ARCHITECTURE.md'),
      entry('CONTRIBUTING.md'),
      entry('CHANGELOG.md'),
      ...pages('docs/contributing'),
      group('Decisions', pages('docs/decisions'), true),
    ],
    true,
  ),
]

export default defineConfig({
  title: 'azr',
  description: 'Absolute Zero on one box: self-play training of reasoning models',
  srcDir: '..',
  srcExclude: [
    '{models,node_modules,runs,runtime,test,trainer,sandbox,web}/**',
    '**/node_modules/**',
  ],
  rewrites: pageOf,
  // No attributes: `{id}` in the path of a route is text.
  markdown: { anchor: { slugify: slug }, attrs: { disable: true }, config: siteLinks },
  themeConfig: {
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    nav: [
      { text: 'Tutorial', link: '/tutorial/first-run' },
      { text: 'Config', link: '/reference/config' },
      { text: 'Glossary', link: '/reference/glossary' },
    ],
  },
  buildEnd: ({ outDir }) => copyLinked(outDir),
})
