/** The page of a run that has no step, and of one whose scores fell, in a real browser. */
import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { openRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'

const config = { ...loadConfig('smoke'), steps: 2 }
const base = { preset: 'smoke', seed: 1, versions: {}, created_at_ms: 1, config }

describe.skipIf(!existsSync(executablePath))('a run without a step', () => {
  const home = temporary('empty')
  let page: Page

  /** Opens a panel and waits until it shows the text. */
  const sees = async (place: string, text: string) => {
    await showAt(page, `${here.server.url}#${place}`)
    const isThere = (text: string) => document.querySelector('main')?.textContent?.includes(text)
    await page.waitForFunction(isThere, text, { timeout: patienceMs })
  }

  const here = browsing(home, async () => {
    const ended = await openRun(home, 'ended', { ...base, name: 'ended' })
    await ended.release()
    const begun = await openRun(home, 'begun', { ...base, name: 'begun' })
    await begun.store.event('started')
    await makeRun(home, 'fallen', 'def f(a):\n return a', [30, 5], { config })
  })
  beforeAll(async () => {
    page = await here.browser.newPage({ viewport: { width: 390, height: 844 } })
  })

  test('says so in a sentence, not in a card for each curve', async () => {
    for (const panel of ['overview', 'learning', 'frontier', 'behaviour']) {
      await sees(`begun/${panel}`, 'The curves begin when the first step is done.')
      // Behaviour has two charts of texts besides the curves.
      const figures = panel === 'behaviour' ? 2 : 0
      await page.waitForFunction(
        figures => document.querySelectorAll('main figure').length === figures,
        figures,
        { timeout: patienceMs },
      )
    }
    await sees('begun/overview', 'scored for the first time at step 0')
  })

  test('promises nothing if no process works on it', async () => {
    await sees('ended/overview', 'No task was written.')
    await sees('ended/learning', 'This run has done no step')
    await sees('ended/health', 'No step is done.')
    await sees('ended/tasks', 'There are none.')
    await sees('ended/tasks?kind=deduction', 'No row matches.')
  })

  test('health repeats the verdict if scores fell without an alarm', async () => {
    await sees('fallen/health', 'But it is in trouble: easy greedy fell')
  })

  test('the button that begins a run is in reach on a phone', async () => {
    await sees('/new?preset=micro', 'begin the run')
    const box = await page.locator('form.begin button[type=submit]').boundingBox()
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(844)
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBeGreaterThan(2000)
  })
})
