/** The page of a real run in progress, in a real browser: changes show without a reload. */
import { existsSync, readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setUpPage } from '../../scripts/setup/page.ts'
import { pageIsFresh } from '../../scripts/setup/stamps.ts'
import { root } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { type Azr, azr, start } from '../whole/azr.ts'
import { shoot } from './shots.ts'

const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const timeout = 180_000
/** Longer than a step of `smoke`. */
const heldMs = 4000

describe.skipIf(!existsSync(executablePath))('the page of a run in progress', { timeout }, () => {
  const home = temporary('live')
  const complaints: string[] = []
  let run: Azr
  let url = ''
  let browser: Browser
  let page: Page

  const step = async () =>
    Number(/step (\d+) of/.exec((await page.textContent('#status')) ?? '')?.[1])
  const sees = (selector: string) => page.waitForSelector(selector, { timeout })
  const press = (verb: string) => page.click(`.commands button:text-is("${verb}")`, { timeout })
  const api = async (path: string, method = 'GET') =>
    (await fetch(`${url}api/${path}`, { method })).status
  const get = async (path: string) => (await fetch(`${url}api/runs/live/${path}`)).json()
  /** The run's place, and the number of completions in the current step. */
  const drafted = async () => {
    const { step, work } = await get('progress')
    return [step, work.reduce((sum: number, one: { drafted: number }) => sum + one.drafted, 0)]
  }
  /** Waits until it is held: nothing is in flight, and more waits. */
  const untilHeld = async () => {
    for (;;) {
      const { waiting, flying } = (await get('health')).pulse.queues.samples
      if (waiting > 0 && flying === 0) return
      await sleep(200)
    }
  }

  beforeAll(async () => {
    if (!pageIsFresh(root)) await setUpPage(root, () => {})
    run = start(['train', 'smoke', '--run', 'live', '--steps', '500'], { home })
    await run.says(/page (\S+)/, timeout)
    url = /page (\S+)/.exec(run.said.err)?.[1] ?? ''
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
    page = await browser.newPage({ viewport: { width: 1200, height: 900 } })
    page.on('pageerror', error => complaints.push(error.message))
    await page.goto(`${url}#live/overview`)
  }, timeout)
  afterAll(async () => {
    await browser?.close()
    // A fork is a separate process: it would continue if a test failed before stopping it.
    for (const fork of readdirSync(home).filter(name => name.startsWith('live-at-'))) {
      await azr(['stop', fork], { home })
    }
    run?.child.kill('SIGINT')
    await run?.ended
  }, timeout)

  test('steps, items and states arrive without a reload', async () => {
    await page.evaluate(() => Object.assign(window, { isSamePage: true }))
    await page.waitForFunction(
      () => /step [2-9]\d* of 500/.test(document.querySelector('#status')?.textContent ?? ''),
      null,
      { timeout },
    )
    expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
    await shoot(page, 'live-overview')
  })

  test('the game continues: another task comes, and its answers are judged', async () => {
    const first = await page.getAttribute('.board .part > a', 'href')
    await page.waitForFunction(
      before => document.querySelector('.board .part > a')?.getAttribute('href') !== before,
      first,
      { timeout },
    )
    await sees('.board .dot:not(.open)')
    await sees('.worth b:not(:text-is("–"))')
    await page.click('.game button:text-is("hold")')
    const held = await page.getAttribute('.board .part > a', 'href')
    await sleep(heldMs)
    expect(await page.getAttribute('.board .part > a', 'href')).toBe(held)
    await shoot(page, 'live-game')
  })

  test('its queues, its processes and its machine are on Health', async () => {
    await page.goto(`${url}#live/health`)
    await sees('section:has(h2:text-is("Queues")) tbody tr:nth-child(3)')
    const processes = await page.textContent('section:has(h2:text-is("Processes")) tbody')
    await sees('.cells .cell')
    // The machines and the states come with different answers.
    await expect.poll(() => page.locator('.actor').count(), { timeout }).toBe(7)
    const current = page.locator('.actor .state.current')
    await expect.poll(() => current.count(), { timeout }).toBe(7)
    for (const name of ['azr', 'engine', 'learner', 'sandbox']) expect(processes).toContain(name)
    await shoot(page, 'live-health')
  })

  test('its buttons pause, fork and resume it', async () => {
    await page.goto(`${url}#live/learning`)
    await press('pause')
    await sees('.badge.paused')
    await page.waitForSelector('.commands [role=status]:empty', { state: 'attached', timeout })
    await untilHeld()
    const held = await drafted()
    await sleep(heldMs)
    expect(await drafted()).toEqual(held)
    expect((await get('health')).hangs).toEqual([])
    const figures = await (await fetch(`${url}metrics`)).text()
    expect(figures).toMatch(/^azr_queue_waiting\{run="live",queue="samples"\} [1-9]\d*$/m)
    expect(figures).toMatch(/^azr_queue_in_flight\{run="live",queue="samples"\} 0$/m)
    expect(figures).toMatch(/^azr_health_hangs\{run="live"\} 0$/m)
    expect(figures).toMatch(/^azr_health_alarms\{run="live",level="collapse"\} \d$/m)
    await shoot(page, 'live-paused')
    const at = await step()
    await page.fill('input[type=range]', String(at - 1))
    await sees(`text=as of step ${at - 1}`)
    await shoot(page, 'live-as-of')
    await page.click('text=fork here')
    await page.waitForFunction(() => location.hash.startsWith('#live-at-'), null, { timeout })
    const fork = new URL(page.url()).hash.slice(1).split('/')[0] as string
    await sees('.badge.running')
    expect(await api(`runs/${fork}/stop`, 'POST')).toBe(202)
    await sees('.badge.stopped')
    await shoot(page, 'live-fork')
    await page.goto(`${url}#live/overview`)
    await press('resume')
    await sees('.badge.running')
    for (const before = await step(); (await step()) <= before; ) await sleep(200)
    expect((await drafted())[0]).toBeGreaterThan(held[0] as number)
  })

  test('its button stops it, and the page says that no process works on it', async () => {
    await press('stop')
    expect((await run.ended).code).toBe(0)
    await sees('[role=alert]')
    await shoot(page, 'live-gone')
    expect(complaints).toEqual([])
  })
})
