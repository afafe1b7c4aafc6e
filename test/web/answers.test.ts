/** The page with slow, late and broken answers, in a real browser if there is one. */
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page, Route } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'

describe.skipIf(!existsSync(executablePath))('the page', () => {
  const home = temporary('answers')
  let page: Page

  const show = (place: string) => showAt(page, `${here.server.url}#${place}`)
  /** The stream of events ends at once and starts again, which gives a pulse every second. */
  const pulsate = () =>
    page.route('**/api/runs/made/events*', route =>
      route.fulfill({ contentType: 'text/event-stream', body: ': nothing\n\n' }),
    )

  const here = browsing(home, async () => {
    await makeRun(home, 'made', 'def f(a):\n return a')
    await makeRun(home, 'other', 'def f(a):\n return a')
  })
  beforeEach(async () => {
    page = await here.browser.newPage({ viewport: { width: 1200, height: 800 } })
  })
  afterEach(() => page.close())

  test('waits for an answer that takes longer than a pulse, without new requests', async () => {
    let [underWay, most] = [0, 0]
    await pulsate()
    await page.route('**/api/runs/made/learning*', async route => {
      underWay += 1
      most = Math.max(most, underWay)
      await sleep(2500)
      underWay -= 1
      await route.continue().catch(() => {})
    })
    await page.goto(`${here.server.url}#made/learning`)
    await page.waitForSelector('#outcome', { timeout: 20_000 })
    expect(most).toBe(1)
  })

  test('a late answer about another run is ignored', async () => {
    await show('made/overview')
    const held = Promise.withResolvers<Route>()
    await page.route('**/api/runs/made', held.resolve)
    const route = await held.promise
    const found = await (await route.fetch()).json()
    const isAsked = page.waitForResponse(/runs\/other$/)
    await page.evaluate(() => location.assign('#other/overview'))
    await isAsked
    await page.waitForSelector('.badge.finished', { timeout: patienceMs })
    await route.fulfill({ json: { ...found, status: 'paused' } })
    // A wrong badge would stay until the next request for the run, two seconds later.
    await sleep(500)
    expect(await page.locator('.badge').textContent()).toBe('finished')
  })

  test('a list stays as it is once more of it is shown, until the newest rows are requested', async () => {
    const list = `${here.server.url}api/runs/made/rollouts`
    const { items } = (await (await fetch(list)).json()) as { items: { id: string }[] }
    const all = items.map(({ id }) => id)
    const rows = () =>
      page
        .locator('td.gist a')
        .evaluateAll(links => links.map(link => link.getAttribute('href')?.split('rollout=')[1]))
    let [isEarly, isBroken] = [true, false]
    await pulsate()
    await page.route('**/api/runs/made/rollouts?*', route => {
      const url = new URL(route.request().url())
      const isFirst = !url.searchParams.has('before')
      if (isBroken && !isFirst) return route.fulfill({ status: 500, json: { detail: 'broken' } })
      url.searchParams.set('limit', '2')
      // Answers as if the newest row did not exist yet.
      if (isEarly && isFirst) url.searchParams.set('before', all[0] as string)
      return route.continue({ url: url.href })
    })
    await show('made/tasks?list=rollouts')
    expect(await rows()).toEqual(all.slice(1, 3))
    await page.click('text=show more')
    await page.waitForSelector('tbody tr:nth-child(4)', { timeout: patienceMs })
    isEarly = false
    await page.waitForSelector('text=there are newer rows', { timeout: patienceMs })
    expect(await rows()).toEqual(all.slice(1, 5))
    isBroken = true
    await page.click('text=show more')
    await page.waitForSelector('text=Cannot show more: broken', { timeout: patienceMs })
    await page.click('text=there are newer rows')
    await page.waitForSelector('tbody tr:nth-child(3)', { state: 'detached', timeout: patienceMs })
    expect(await rows()).toEqual(all.slice(0, 2))
  })

  test('choosing a filter keeps the focus, and the text that was typed next to it', async () => {
    await show('made/tasks')
    const text = page.locator('input[name=text]')
    const kind = page.locator('.filters select').first()
    const hasFocus = (node: Element) => node === document.activeElement
    await text.fill('nowhere')
    await kind.focus()
    await kind.selectOption('deduction')
    await page.waitForSelector('tbody tr:nth-child(2)', { state: 'detached', timeout: patienceMs })
    expect(await kind.evaluate(hasFocus)).toBe(true)
    expect(await text.inputValue()).toBe('nowhere')
    await text.press('Enter')
    await page.waitForSelector('text=No row matches', { timeout: patienceMs })
    expect(await text.evaluate(hasFocus)).toBe(true)
    await page.goBack()
    await page.waitForSelector('tbody tr', { timeout: patienceMs })
    expect(await text.inputValue()).toBe('')
    expect(await kind.inputValue()).toBe('deduction')
  })
})
