/**
 * The report in a real browser, if there is one: it loads nothing, runs nothing and fits the
 * screen.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { expect, test, vi } from 'vitest'
import { temporary } from '../temporary.ts'
import { azr } from '../whole/azr.ts'
import { makeRun } from './made-run.ts'

vi.setConfig({ testTimeout: 120_000 })

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const evil = `<img src="x" onerror="document.title='owned'"></pre><script>document.title='owned'</script>`

test.skipIf(!existsSync(executablePath))('a report opens from a file', async () => {
  const home = temporary('report')
  await makeRun(home, 'made', evil)
  const shared = { suite: evil, items: 3, comparable: 3, words: [], shape: [], questions: [] }
  const suites = [{ ...shared, behaviour: null, programs: 0, unfinished: 0 }]
  const found = { run: 'made', ngram: 10, programs: 2, suites }
  writeFileSync(join(home, 'made', 'contamination.json'), JSON.stringify(found))
  expect((await azr(['report', 'made'], { home })).code).toBe(0)
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 } })
    const [complaints, asked]: [string[], string[]] = [[], []]
    page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => asked.push(request.url()))
    await page.goto(`file://${join(home, 'made', 'report.html')}`)
    expect(await page.title()).toBe('azr report: made')
    expect(asked).toHaveLength(1)
    expect(complaints).toEqual([])
    const drawn = await page.locator('figure svg').count()
    expect(drawn).toBeGreaterThan(0)
    expect(await page.getByRole('img', { name: /^from 0\.\d+ at step 0 to / }).count()).toBe(drawn)
    expect(await page.locator('h2').allTextContents()).toContain('Shared with the benchmarks')
    const [width, screen] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    expect(width).toBeLessThanOrEqual(screen as number)
  } finally {
    await browser.close()
  }
})
