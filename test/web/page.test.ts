/** The page in a real browser, where there is one. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUpPage } from '../../scripts/setup/page.ts'
import { pageIsFresh } from '../../scripts/setup/stamps.ts'
import { root } from '../../src/paths.ts'
import { type HttpServer, startServer } from '../../src/serve.ts'
import { makeRun } from './made-run.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const evil =
  `<img src="x" onerror="document.title='owned'"></pre><script>document.title='owned'</script>` +
  `<a href="https://elsewhere.example/">\u202e${'wide'.repeat(60)}`

describe.skipIf(!existsSync(executablePath))('the page', () => {
  const home = mkdtempSync(join(tmpdir(), 'azr-page-'))
  const complaints: string[] = []
  const asked: string[] = []
  let server: HttpServer
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    if (!pageIsFresh(root)) await setUpPage(root, () => {})
    await makeRun(home, 'made', evil)
    server = await startServer({ home, port: undefined })
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => asked.push(request.url()))
    await page.goto(server.url)
    await page.waitForSelector('#samples article', { timeout: 30_000 })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
    rmSync(home, { recursive: true, force: true })
  })

  test('says what the run came to', async () => {
    const text = await page.textContent('#outcome')
    expect(text).toMatch(/^After 2 steps in \d+ s: easy greedy rose from 25.0% to 50.0% \(\+25.0 /)
  })

  test('draws a line with its interval for each kind', async () => {
    expect(await page.locator('#suites figure').count()).toBe(3)
    expect(await page.locator('#suites polygon.greedy.band').count()).toBe(3)
    expect(await page.textContent('#suites figcaption')).toMatch(/greedy 25 → 50% \[35–65\]/)
    expect(await page.locator('#curves figure:has-text("Learnable") polyline').count()).toBe(3)
  })

  test('shows what a model wrote as text, whatever it is', async () => {
    expect(await page.textContent('#samples article pre')).toBe(evil)
    expect(await page.textContent('#samples li.correct .working')).toBe(evil)
    expect(await page.locator('main img, main a, main script').count()).toBe(0)
    expect(await page.title()).toBe('azr')
  })

  test('asks nobody else, and has nothing to complain about', () => {
    expect(asked.filter(url => !url.startsWith(server.url) && !url.startsWith('data:'))).toEqual([])
    expect(complaints).toEqual([])
  })

  test.each([360, 1600])('fits into %i pixels', async width => {
    await page.setViewportSize({ width, height: 800 })
    const widest = await page.evaluate(() => document.documentElement.scrollWidth)
    expect(widest).toBeLessThanOrEqual(width)
  })
})
