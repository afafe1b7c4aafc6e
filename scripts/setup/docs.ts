/** Builds the documentation site: VitePress in docs/node_modules, then docs/.vitepress/dist. */
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { need } from './child.ts'
import { installPackages } from './packages.ts'
import { hashFiles } from './stamps.ts'

const dist = 'docs/.vitepress/dist'
const stamps = { packages: 'docs/node_modules/.setup', site: `${dist}/.setup` }
const sources = [
  '*.md',
  'docs/*.md',
  'docs/*/*.{md,png,svg}',
  'docs/package-lock.json',
  'docs/.vitepress/*.ts',
  'docs/.vitepress/theme/*',
  'research/**/*.{md,svg}',
]

function isFresh(root: string, stamp: string, hash: string): boolean {
  const path = join(root, stamp)
  return existsSync(path) && readFileSync(path, 'utf8') === hash
}

/** Files that a page links to are copied to `source/`. */
function siteHash(root: string): string {
  const copies = globSync('**/*.txt', { cwd: join(root, dist, 'source') })
  const linked = copies.map(file => file.replace(/\.txt$/, ''))
  const files = [...sources.flatMap(pattern => globSync(pattern, { cwd: root })), ...linked]
  return hashFiles(root, ...files.filter(file => existsSync(join(root, file))).sort())
}

/** Returns whether there was something to do. */
export async function setUpDocs(root: string, say: (line: string) => void): Promise<boolean> {
  const lock = hashFiles(root, 'docs/package-lock.json')
  if (!isFresh(root, stamps.packages, lock)) {
    say('installing VitePress, which only the documentation needs')
    await installPackages(join(root, 'docs'))
    writeFileSync(join(root, stamps.packages), lock)
  }
  if (isFresh(root, stamps.site, siteHash(root))) return false
  say('building the documentation')
  rmSync(join(root, dist), { recursive: true, force: true })
  const vitepress = join(root, 'docs/node_modules/vitepress/bin/vitepress.js')
  await need('build the documentation', process.execPath, [vitepress, 'build', 'docs'], {
    cwd: root,
    env: process.env,
  })
  writeFileSync(join(root, stamps.site), siteHash(root))
  return true
}
