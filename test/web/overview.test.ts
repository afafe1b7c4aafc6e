/** The overview in a real browser: a visitor's first view. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'
import { shoot } from './shots.ts'

/** The computed colours of everything drawn. */
const colorsOf = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll('header, header *, main *')].flatMap(node => {
      const { color, backgroundColor, borderTopColor, borderLeftColor } = getComputedStyle(node)
      return [color, backgroundColor, borderTopColor, borderLeftColor]
    }),
  )

const rollout = '000002.estimate.induction.hash-induction'
const places = [
  ...['overview', 'learning', 'frontier', 'behaviour', 'health', 'config', 'fork', 'resume'].map(
    panel => `risen/${panel}`,
  ),
  'risen/tasks',
  'risen/tasks?list=rollouts&minReward=0',
  'risen/tasks?task=hash-induction',
  `risen/tasks?rollout=${rollout}.0`,
  `risen/tasks?rollout=${rollout}.0&beside=${rollout}.1`,
  '/runs',
  '/compare?runs=risen,fallen',
  '/new?preset=smoke',
  'fallen/overview',
  'docs',
]

describe.skipIf(!existsSync(executablePath))('the overview', () => {
  const home = temporary('overview')
  let page: Page

  const show = (place: string) => showAt(page, `${here.server.url}#${place}`)

  const here = browsing(home, async () => {
    const program = 'def f(a):\n return a + 1'
    const config = { ...loadConfig('smoke'), steps: 2 }
    await makeRun(home, 'risen', program, undefined, { config })
    await makeRun(home, 'fallen', program, [30, 5], { config })
  })
  beforeEach(async () => {
    page = await here.browser.newPage({ viewport: { width: 1400, height: 1000 } })
  })
  afterEach(() => page.close())

  test('says in words whether it learns, with first and last score and the uncertainty', async () => {
    await show('risen/overview')
    const verdict = page.locator('.verdict')
    expect(await verdict.locator('h2').textContent()).toBe('Rising')
    expect(await verdict.textContent()).toMatch(/easy greedy rose from 25.0% to 50.0%/)
    expect(await verdict.textContent()).toMatch(/step2 of 2/)
    const path = await page.locator('.path').first().textContent()
    expect(path).toMatch(/greedy25.0 → 50.0% \+25.0 points \[\+1\d\.\d to \+3\d\.\d\]/)
  })

  test('a run that lost its accuracy shows no green', async () => {
    await page.emulateMedia({ colorScheme: 'light' })
    await show('fallen/overview')
    expect(await page.textContent('.verdict h2')).toBe('In trouble')
    expect(await page.textContent('.verdict')).toMatch(/easy greedy fell from 75.0% to 12.5%/)
    // Right answers in the game are always green, so remove it.
    await page.evaluate(() => document.querySelector('.game')?.remove())
    const good = 'rgb(21, 119, 58)'
    expect(await colorsOf(page)).not.toContain(good)
    await show('risen/overview')
    expect(await colorsOf(page)).toContain(good)
  })

  test('a fall that no alarm explains leads to a fork from the best step', async () => {
    await show('fallen/overview')
    await page.click('.verdict a:text("Fork from step 0, its best")')
    await page.waitForSelector('#fork-at', { timeout: patienceMs })
    expect(await page.inputValue('#fork-at')).toBe('0')
  })

  test('programs are shown sign by sign, without ligatures', async () => {
    await show('risen/tasks?task=hash-deduction')
    for (const selector of ['pre.python', '.answers pre', 'code']) {
      const one = page.locator(selector).first()
      const variant = await one.evaluate(node => getComputedStyle(node).fontVariantLigatures)
      expect(variant, selector).toBe('none')
    }
  })

  test('shows the game: the task, its answers, its reward', async () => {
    await show('risen/overview')
    const parts = page.locator('.board .part')
    expect(await parts.nth(0).textContent()).toContain('def f(a):')
    expect(await parts.nth(0).locator('.py-word').first().textContent()).toBe('def')
    expect(await parts.nth(1).textContent()).toContain('1 of 2 answers are right')
    expect(await parts.nth(2).textContent()).toContain('1 − 0.50 = 0.50')
    await page.click('.recent button:nth-child(3)')
    await page.waitForSelector('.board .kind:text("deduction")', { timeout: patienceMs })
    expect(await page.locator('.recent button[aria-pressed=true]').count()).toBe(1)
    expect(await page.locator('.actor').count()).toBe(0)
  })

  test.each(['light', 'dark'] as const)('looks well on every screen, in %s', async colorScheme => {
    await page.emulateMedia({ colorScheme })
    for (const width of [390, 800, 1600]) {
      await page.setViewportSize({ width, height: 900 })
      await show('risen/overview')
      const widest = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(widest).toBeLessThanOrEqual(width)
      await shoot(page, `overview-${width}-${colorScheme}`)
    }
  })

  test('targets have 44 px for fingers, 24 for mice', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
    const smallTargets = async (page: Page, least: number) => {
      await page.evaluate(axe)
      return page.evaluate(async least => {
        const { axe } = window as never as { axe: Axe }
        axe.configure({
          checks: [
            { id: 'target-size', options: { minSize: least } },
            { id: 'target-offset', options: { minOffset: least } },
          ],
        })
        const { violations } = await axe.run(document, { runOnly: ['target-size'] })
        return violations.flatMap(({ nodes }) => nodes.map(({ html }) => html.slice(0, 160)))
      }, least)
    }
    const phone = await here.browser.newPage({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    })
    for (const place of places) {
      const address = place === 'docs' ? `${here.server.url}docs` : `${here.server.url}#${place}`
      await showAt(page, address)
      expect(await smallTargets(page, 24), place).toEqual([])
      await showAt(phone, address)
      // The button of a form sticks to the screen, over what is scrolled below it, up to its place.
      await phone.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      expect(await smallTargets(phone, 44), place).toEqual([])
    }
    await showAt(phone, `${here.server.url}#risen/config`)
    const tab = await phone.locator('.tabs [aria-current]').boundingBox()
    expect((tab?.x ?? 999) + (tab?.width ?? 0)).toBeLessThanOrEqual(390)
    await phone.close()
  })
})

type Axe = {
  configure: (options: object) => void
  run: (
    context: Document,
    options: object,
  ) => Promise<{ violations: { nodes: { html: string }[] }[] }>
}
