/** The page of a run that has no step, and of one whose scores fell, in a real browser. */
import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUpPage } from '../../scripts/setup/page.ts'
import { pageIsFresh } from '../../scripts/setup/stamps.ts'
import { loadConfig } from '../../src/config/load.ts'
import { root } from '../../src/config/paths.ts'
import { type HttpServer, startServer } from '../../src/http/serve.ts'
import { openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { makeRun } from './made-run.ts'

const config = { ...loadConfig('smoke'), steps: 2 }
const base = { preset: 'smoke', seed: 1, versions: {}, created_at_ms: 1, config }

describe.skipIf(!existsSync(executablePath))('a run without a step', () => {
  const home = temporary('empty')
  let server: HttpServer
  let browser: Browser
  let page: Page

  const read = async (place: string) => {
    await showAt(page, `${server.url}#${place}`)
    return (await page.locator('main').textContent()) ?? ''
  }

  beforeAll(async () => {
    if (!pageIsFresh(root)) await setUpPage(root, () => {})
    const ended = await openRun(home, 'ended', { ...base, name: 'ended' })
    await ended.release()
    const begun = await openRun(home, 'begun', { ...base, name: 'begun' })
    await begun.store.event('started')
    await makeRun(home, 'fallen', 'def f(a):\n return a', [30, 5], { config })
    server = await startServer({ home, port: undefined })
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 390, height: 844 } })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.close()
  })

  test('says so in a sentence, not in a card for each curve', async () => {
    for (const panel of ['overview', 'learning', 'frontier', 'behaviour']) {
      const text = await read(`begun/${panel}`)
      expect(text, panel).toContain('The curves begin when the first step is done.')
      expect(await page.locator('figure:not(.split)').count(), panel).toBe(
        panel === 'behaviour' ? 2 : 0,
      )
    }
    expect(await read('begun/overview')).toContain('scored for the first time at step 0')
  })

  test('promises nothing if no process works on it', async () => {
    expect(await read('ended/overview')).toContain('No task was written.')
    expect(await read('ended/learning')).toContain('This run has done no step')
    expect(await read('ended/health')).toContain('No step is done.')
    expect(await read('ended/tasks')).toContain('There are none.')
    expect(await read('ended/tasks?kind=deduction')).toContain('No row matches.')
  })

  test('health repeats the verdict if scores fell without an alarm', async () => {
    await read('fallen/health')
    await page.waitForSelector('text=But it is in trouble: easy greedy fell', {
      timeout: patienceMs,
    })
    await read('ended/health')
    expect(await page.locator('text=in trouble').count()).toBe(0)
  })

  test('the button that begins a run is in reach on a phone', async () => {
    await read('/new?preset=micro')
    const box = await page.locator('form.begin button[type=submit]').boundingBox()
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(844)
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(2000)
  })
})
