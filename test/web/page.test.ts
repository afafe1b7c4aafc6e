/** The page in a real browser, if there is one. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { startServer } from '../../src/http/serve.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'
import { shoot } from './shots.ts'

const evil =
  `<img src="x" onerror="document.title='owned'"></pre><script>document.title='owned'</script>` +
  `<a href="https://elsewhere.example/">\u001b[2J\u202e${'wide'.repeat(60)}`
const panels = ['overview', 'learning', 'frontier', 'behaviour', 'tasks', 'health']
const places = [
  ...panels,
  'tasks?task=hash-induction',
  'tasks?list=rollouts',
  'tasks?rollout=000002.estimate.induction.hash-induction.0',
]

describe.skipIf(!existsSync(executablePath))('the page', () => {
  const home = temporary('page')
  const complaints: string[] = []
  const asked: string[] = []
  let page: Page

  const show = (place: string) => showAt(page, `${here.server.url}#${place}`)

  // Any free port: those from 4780 on are taken again at once by tests that run at the same time.
  const here = browsing(
    home,
    async () => {
      await makeRun(home, 'made', evil)
      await makeRun(home, 'long', 'x'.repeat(1_000_000))
    },
    0,
  )
  beforeAll(async () => {
    // Without motion, so that no colour is measured on its way.
    page = await here.browser.newPage({
      viewport: { width: 360, height: 800 },
      reducedMotion: 'reduce',
    })
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => asked.push(request.url()))
  })

  test('shows the result of the run, and draws it with intervals', async () => {
    await show('made/learning')
    const text = await page.textContent('#outcome')
    expect(text).toMatch(/^After 2 steps in \d+ s: easy greedy rose from 25.0% to 50.0% \(\+25.0 /)
    expect(await page.locator('section').first().locator('figure canvas').count()).toBe(3)
    const caption = await page.textContent('figcaption')
    expect(caption).toMatch(/greedy 25 → 50% \[35–65\]/)
    const words = await page.locator('figure ul.hidden li').first().textContent()
    expect(words).toBe('greedy: from 25% at step 0 to 50% at step 2, lowest 25%, highest 50%')
  })

  test('draws the actors from their machines', async () => {
    await show('made/health')
    expect(await page.locator('.actor').count()).toBe(7)
    expect(await page.textContent('.actor')).toContain('rolling')
  })

  test('finds a task, and leads to all its rows', async () => {
    await show('made/tasks?kind=deduction')
    expect(await page.locator('tbody tr').count()).toBe(1)
    await page.click('tbody a')
    await page.waitForSelector('.answers li', { timeout: patienceMs })
    expect(await page.locator('.answers li').count()).toBe(2)
    await page.click('.answers li a')
    await page.waitForSelector('.tokens', { timeout: patienceMs })
    expect(await page.locator('.tokens span').getAttribute('title')).toMatch(/^100.0%, log 0.000/)
    await page.press('summary', 'Enter')
    await page.waitForSelector('details tbody tr', { timeout: patienceMs })
    expect(await page.textContent('details tbody td.number')).toBe('100.0%')
  })

  test('links from a figure to the rows behind it', async () => {
    await show('made/frontier')
    await page.click('figure.of-kind-deduction .legend a:text("sometimes")')
    await page.waitForSelector('table.gists tbody tr', { timeout: patienceMs })
    expect(page.url()).toContain('kind=deduction&solved=sometimes&step=2')
    expect(await page.locator('table.gists tbody tr').count()).toBe(1)
    await show('made/frontier')
    await page.click('figure.of-kind-induction rect[fill-opacity="1"]')
    await page.waitForFunction(() => location.hash.includes('solved=sometimes'), null, {
      timeout: patienceMs,
    })
    await show('made/behaviour')
    const figures = await page.locator('figure .legend > span').count()
    expect(figures).toBeGreaterThan(0)
    expect(await page.locator('figure .legend > span > a[href*="purpose=self-play"]').count()).toBe(
      figures,
    )
  })

  test("shows a model's text as text, whatever it is", async () => {
    await show('made/tasks?task=hash-deduction')
    const shown = await page.textContent('.python')
    expect(shown).toBe(evil.replace('\u001b', '\\u{1b}').replace('\u202e', '\\u{202e}'))
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.title()).toBe('Task hash-deduction · made · azr')
  })

  test('shows the beginning of a line of a megabyte, and more on request', async () => {
    await show('long/tasks')
    expect((await page.textContent('td.gist'))?.length).toBeLessThan(200)
    await show('long/tasks?task=hash-abduction')
    const answer = page.locator('.answers li').first()
    // Longer lines are cut to 4,000 characters: a browser would take minutes to lay them out.
    expect((await answer.locator('pre').textContent())?.length).toBe(20_004)
    await answer.locator('button').click()
    await page.waitForFunction(
      () => (document.querySelector('.answers pre')?.textContent?.length ?? 0) > 220_000,
      null,
      { timeout: patienceMs },
    )
  })

  test('gives the document of its API as a file', async () => {
    await page.goto(`${here.server.url}docs`)
    const saved = page.waitForEvent('download', { timeout: patienceMs })
    await page.click('text=openapi.json')
    const path = await (await saved).path()
    expect(JSON.parse(readFileSync(path, 'utf8')).info.title).toBe('azr')
  })

  test('the scrubber shows an earlier state', async () => {
    await show('made/learning')
    await page.fill('input[type=range]', '1')
    await page.waitForSelector('text=as of step 1', { timeout: patienceMs })
    expect(await page.textContent('figcaption')).toMatch(/greedy 25% \[/)
    await page.click('text=back to now')
    await page.waitForSelector('text=25 → 50%', { timeout: patienceMs })
  })

  test.each([360, 1600])('fits into %i pixels', async width => {
    await page.setViewportSize({ width, height: 800 })
    for (const panel of places) {
      await show(`made/${panel}`)
      const widest = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(widest, panel).toBeLessThanOrEqual(width)
      await shoot(page, `made-${width}-${panel.replace(/\W+/g, '-')}`)
    }
  })

  test('is walked through by keyboard', async () => {
    await show('made/overview')
    const reached = new Set<string>()
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      reached.add(await page.evaluate(() => document.activeElement?.textContent ?? ''))
    }
    for (const name of ['Learning', 'Frontier', 'Tasks and rollouts', 'API']) {
      expect([...reached]).toContain(name)
    }
  })

  test.each(['light', 'dark'] as const)('axe finds nothing serious in %s', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
    const axe = readFileSync(path, 'utf8')
    for (const panel of places) {
      await show(`made/${panel}`)
      // Through the debugger: the page itself allows no script but its own.
      await page.evaluate(axe)
      const found = await page.evaluate(async () => {
        const { violations } = await (window as never as { axe: Axe }).axe.run()
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`)
      })
      expect(found, panel).toEqual([])
    }
  })

  test('says that azr does not answer, keeps what it showed, and recovers by itself', async () => {
    await show('made/learning')
    const before = complaints.length
    const port = Number(new URL(here.server.url).port)
    await here.server.close()
    await page.waitForSelector('[role=alert]', { timeout: patienceMs })
    expect(await page.textContent('[role=alert]')).toContain('azr does not answer')
    expect(await page.locator('#outcome').count()).toBe(1)
    here.server = await startServer({ home, port })
    await page.waitForSelector('[role=alert]', { state: 'detached', timeout: patienceMs })
    // The browser itself complains of requests that nobody takes.
    complaints.length = before
  })

  test('sends requests to no other server, and logs no errors', () => {
    expect(
      asked.filter(url => !url.startsWith(here.server.url) && !url.startsWith('data:')),
    ).toEqual([])
    expect(complaints).toEqual([])
  })
})

type Axe = {
  run: () => Promise<{
    violations: { id: string; impact: string; nodes: { html: string }[] }[]
  }>
}
