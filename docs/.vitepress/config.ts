/**
 * The documentation as a site: `azr docs` builds and serves it. Pages are the Markdown files of
 * docs/, research/ and the root, which a forge shows as they are. docs/index.md orders them.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { copyLinked, pageOf, siteLinks } from './links.ts'
import { slug } from './slug.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

const titleOf = (file: string) => (/^# (.+)$/m.exec(read(file))?.[1] ?? file).replaceAll('`', '')

const entry = (file: string) => ({ text: titleOf(file), link: `/${pageOf(file)}` })

const inFolder = (folder: string) =>
  readdirSync(join(root, folder))
    .filter(name => name.endsWith('.md'))
    .map(name => entry(join(folder, name)))

/** The pages that a section of docs/index.md links to, in its order. */
function pagesOf(section: string) {
  const [, text = ''] = read('docs/index.md').split(`\n## ${section}\n`)
  const [own = ''] = text.split('\n## ')
  return [...own.matchAll(/\]\(([^)#]+\.md)\)/g)].map(([, page = '']) => entry(join('docs', page)))
}

const group = (text: string, items: object[], collapsed?: boolean) => ({ text, items, collapsed })

const sidebar = [
  group('Tutorial', pagesOf('Tutorial')),
  group('How-to', pagesOf('How-to'), false),
  group('Reference', pagesOf('Reference'), false),
  group('Explanation', pagesOf('Explanation'), false),
  group('Research', pagesOf('Research'), true),
  group(
    'Contributing',
    [
      ...['ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].map(entry),
      ...inFolder('docs/contributing'),
      group('Decisions', inFolder('docs/decisions'), true),
    ],
    true,
  ),
]

export default defineConfig({
  title: 'azr',
  description: 'Absolute Zero on one box: self-play training of reasoning models',
  // Browsers ask for an icon otherwise.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  srcDir: '..',
  srcExclude: [
    '{models,node_modules,runs,runtime,test,trainer,sandbox,web}/**',
    '**/node_modules/**',
  ],
  rewrites: pageOf,
  lastUpdated: false,
  // Switch attributes off: `{id}` in the path of a route is text.
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
