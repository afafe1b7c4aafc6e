/** Lists, a task, two answers, the slider, and a missing run, in a real browser. */
import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'

describe.skipIf(!existsSync(executablePath))('rows', () => {
  const home = temporary('rows')
  const complaints: string[] = []
  let page: Page

  const here = browsing(home, () => {
    const config = { ...loadConfig('smoke'), steps: 2 }
    return makeRun(home, 'one', 'def f(a):\n return a', undefined, { config })
  })
  const show = (place: string) => showAt(page, `${here.server.url}#${place}`)
  const sees = (selector: string) => page.waitForSelector(selector, { timeout: patienceMs })
  const hash = () => page.evaluate(() => location.hash)

  beforeEach(async () => {
    page = await here.browser.newPage({ viewport: { width: 1200, height: 900 } })
    page.on('pageerror', error => complaints.push(error.message))
  })
  afterEach(async () => {
    await page.close()
    expect(complaints).toEqual([])
  })

  test('a task shows its reward; a proposal does not count as its answer', async () => {
    await show('one/tasks?task=hash-induction')
    expect(await page.textContent('.worth')).toMatch(/success rate50.0%.*answers1 of 2 right/)
    expect(await page.locator('h2:text-is("2 answers")').count()).toBe(1)
    for (const n of [0, 1]) await page.locator('.answers .choose input').nth(n).check()
    await page.click('text=compare the two')
    await sees('.pair article:nth-child(2) .tokens')
    expect(await page.textContent('section p')).toContain(
      'Their first token is the same, and both have the same prompt.',
    )
    expect(await page.title()).toBe('Two answers · one · azr')
    await page.goBack()
    await sees('.worth')
  })

  test('lists are sorted and filtered by figures, and back keeps them', async () => {
    await show('one/tasks?list=rollouts&role=solver')
    await page.click('th a:text("reward")')
    await sees('[aria-sort=descending]:has-text("reward")')
    await page.click('summary:has-text("by figures")')
    await page.fill('input[name=minReward]', '0')
    await page.press('input[name=minReward]', 'Enter')
    await page.waitForFunction(() => location.hash.includes('minReward=0'))
    await sees('tbody tr')
    const before = await hash()
    await page.click('tbody td.gist a')
    await sees('.tokens')
    await page.click('text=← back')
    await page.waitForFunction(wanted => location.hash === wanted, before)
    await sees('[aria-sort=descending]:has-text("reward")')
    expect(await page.inputValue('input[name=minReward]')).toBe('0')
  })

  test("the slider's step is in the address, and stays from view to view", async () => {
    await show('one/learning')
    await page.fill('.scrubber input', '1')
    await page.waitForFunction(() => location.hash === '#one/learning?at=1')
    await page.click('.tabs a:text-is("Tasks and rollouts")')
    await page.waitForFunction(() => location.hash === '#one/tasks?at=1')
    await sees('text=as of step 1')
    expect(await page.title()).toBe('Tasks at step 1 · one · azr')
    await page.reload()
    await sees('text=as of step 1')
    await page.goBack()
    await page.waitForFunction(() => location.hash === '#one/learning?at=1')
  })

  test('a missing run is reported as unknown', async () => {
    const asked: string[] = []
    page.on('request', request => asked.push(new URL(request.url()).pathname))
    await page.goto(`${here.server.url}#nobody/learning`)
    await sees('h2:text-is("There is no run “nobody”")')
    const count = (path: string) => asked.filter(one => one.startsWith(path)).length
    await expect.poll(() => count('/api/runs'), { timeout: 20_000 }).toBeGreaterThan(5)
    // The list is read again and again, the run itself is not.
    expect(count('/api/runs/nobody')).toBeLessThanOrEqual(4)
    expect(await page.inputValue('header select')).toBe('nobody')
    expect(await page.locator('[role=alert]').count()).toBe(0)
    await page.click('.known a:text-is("one")')
    await sees('.badge.finished')
  })
})
