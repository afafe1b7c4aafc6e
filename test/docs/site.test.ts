/** The site as `azr docs` makes it: dead links fail the build, search needs no network. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { setUpDocs } from '../../scripts/setup/docs.ts'
import { root } from '../../src/config/paths.ts'
import { docsSite } from '../../src/http/docs-site.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const dist = join(root, 'docs', '.vitepress', 'dist')
const said: string[] = []

beforeAll(() => setUpDocs(root, line => said.push(line)))

const get = (path: string) => docsSite(dist).request(path)

test('is built once, and again only when a page has changed', async () => {
  expect(await setUpDocs(root, line => said.push(line))).toBe(false)
})

test.each([
  ['/', 'azr documentation'],
  ['/tutorial/first-run.html', 'Your first run'],
  ['/tutorial/first-run', 'Your first run'],
  ['/explanation/loop.html', 'buffers of tasks'],
  ['/research/learning.html', 'self-play'],
  ['/decisions/0012-kinds-as-objects.html', 'Kinds'],
  ['/source/src/benchmarks/benchmark.ts.txt', 'export'],
])('%s shows %s', async (path, text) => {
  const answer = await get(path)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain(text)
})

test('a missing file, or one outside, is answered with 404', async () => {
  for (const path of ['/none', '/../package.json', '/%2e%2e/%2e%2e/package.json', '/.setup']) {
    expect((await get(path)).status, path).toBe(404)
  }
})

test('nothing is loaded from elsewhere', async () => {
  const page = await (await get('/')).text()
  const loaded = [...page.matchAll(/<(?:script|link|img)[^>]+(?:src|href)="([^"]+)"/g)]
  expect(loaded.length).toBeGreaterThan(2)
  expect(loaded.map(([, url = '']) => url).filter(url => /^(https?:)?\/\//.test(url))).toEqual([])
})

test('the search index is a file of the site and has the pages', () => {
  const chunks = readdirSync(join(dist, 'assets', 'chunks'))
  const index = chunks.find(name => name.startsWith('@localSearchIndex'))
  expect(readFileSync(join(dist, 'assets', 'chunks', index ?? ''), 'utf8')).toContain(
    'tutorial/first-run',
  )
})
