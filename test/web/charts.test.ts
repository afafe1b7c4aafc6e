/** Charts in a real browser: one cursor, zoom, smoothing, axes, files, keyboard. */
import { existsSync, readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { palette } from '../../domain/palette.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { lastStep, makeCurvedRun } from './curved-run.ts'

describe.skipIf(!existsSync(executablePath))('charts', () => {
  const home = temporary('charts')
  let page: Page

  const show = (place: string) => showAt(page, `${here.server.url}#curved/${place}`)
  const chart = (title: string) => page.locator('figure', { hasText: title }).first()
  const plotOf = (title: string) => chart(title).locator('.plot')
  const said = (title: string) => plotOf(title).getAttribute('aria-valuetext')
  const picture = (title: string) =>
    chart(title)
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())
  /** The position of a chart's cursor along its axis. */
  const shareOf = (title: string) =>
    chart(title)
      .locator('.u-over')
      .evaluate(over => {
        const line = over.querySelector('.u-cursor-x')?.getBoundingClientRect()
        const box = over.getBoundingClientRect()
        return ((line?.right ?? 0) - box.left) / box.width
      })
  const pointTo = async (title: string, share: number) => {
    const box = await chart(title).locator('.u-over').boundingBox()
    if (!box) throw new Error(`found no chart ${title}`)
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2)
  }
  const drag = async (title: string, from: number, to: number) => {
    await pointTo(title, from)
    await page.mouse.down()
    await pointTo(title, (from + to) / 2)
    await pointTo(title, to)
    await page.mouse.up()
  }
  const choose = async (title: string, item: string) => {
    await chart(title).locator('summary').click()
    await chart(title).locator(`.menu button:text-is("${item}")`).click()
  }
  const untilSaid = (text: string) => page.waitForSelector(`text=${text}`, { timeout: patienceMs })

  const here = browsing(home, async () => {
    await makeCurvedRun(home, 'curved')
  })
  beforeEach(async () => {
    page = await here.browser.newPage({ viewport: { width: 1400, height: 2600 } })
  })
  afterEach(() => page.close())

  test('the axis goes from 0 to the last step, and the legend marks an older value', async () => {
    await show('learning')
    // The last score is that of step 20 of 30.
    await pointTo('easy: deduction', 0.66)
    expect(await said('easy: deduction')).toMatch(/^step 20: greedy 50%/)
    expect(await shareOf('easy: deduction')).toBeCloseTo(20 / lastStep, 1)
    await page.mouse.move(0, 0)
    expect(await chart('easy: deduction').locator('.legend').textContent()).toContain('(step 20)')
    expect(await chart('Mean reward').locator('.legend').textContent()).not.toContain('(step')
  })

  test('all charts share one cursor, and their legends show the values there', async () => {
    await show('learning')
    await pointTo('Right answers', 0.5)
    const step = Number(/^step (\d+)/.exec((await said('Right answers')) ?? '')?.[1])
    for (const title of ['Mean reward', 'Learnable tasks', 'Valid proposals']) {
      expect(await shareOf(title), title).toBeCloseTo(step / lastStep, 1)
      expect(await said(title), title).toMatch(new RegExp(`^step ${step}: `))
    }
    const reward = (0.2 + step / 50 + (step % 2) * 0.1).toPrecision(3)
    expect(await chart('Mean reward').locator('.legend').textContent()).toContain(
      `solver ${Number(reward)}`,
    )
  })

  test('a selected range stays in view while the run continues', async () => {
    // The stream of events ends at once and starts again, which gives a pulse every second.
    await page.route('**/events*', route =>
      route.fulfill({ contentType: 'text/event-stream', body: ': nothing\n\n' }),
    )
    await show('learning')
    await drag('Right answers', 0.5, 1)
    await untilSaid('show the whole run')
    await page.waitForTimeout(2500)
    await pointTo('Mean reward', 0.02)
    expect(await said('Mean reward')).toMatch(/^step 1[56]: /)
    await page.click('.controls button:text-is("show the whole run")')
    await pointTo('Mean reward', 0.02)
    expect(await said('Mean reward')).toMatch(/^step 1: /)
  })

  test('smoothing, a logarithmic axis and another x change the picture', async () => {
    await show('learning')
    const plain = await picture('Right answers')
    await page.locator('.controls input[type=range]').fill('0.8')
    await page.waitForSelector('output:text("0.80")')
    await expect.poll(() => picture('Right answers')).not.toBe(plain)
    const smooth = await picture('Right answers')
    await choose('Right answers', 'logarithmic axis')
    await expect.poll(() => picture('Right answers')).not.toBe(smooth)
    const logarithmic = await picture('Right answers')
    await page.locator('.controls select').selectOption('time')
    await expect.poll(() => picture('Right answers')).not.toBe(logarithmic)
    // The browser stores the choice.
    await page.reload()
    await show('overview')
    expect(await page.locator('.controls select').inputValue()).toBe('time')
  })

  test('its mark in the legend hides and shows a curve', async () => {
    await show('learning')
    const before = await picture('Right answers')
    const mark = chart('Right answers').locator('.swatch-toggle').first()
    await mark.click()
    expect(await mark.getAttribute('aria-pressed')).toBe('false')
    expect(await chart('Right answers').locator('ul.hidden li').count()).toBe(2)
    await mark.click()
    await page.mouse.move(0, 0)
    await expect.poll(() => picture('Right answers')).toBe(before)
  })

  test('a chart fills the screen', async () => {
    await show('learning')
    await choose('Right answers', 'full screen')
    await page.waitForFunction(() => document.fullscreenElement?.tagName === 'FIGURE')
    await expect
      .poll(async () => (await chart('Right answers').locator('canvas').boundingBox())?.height)
      .toBeGreaterThan(600)
    await page.evaluate(() => document.exitFullscreen())
    for (const title of ['Right answers', 'Valid proposals']) {
      await expect
        .poll(async () => (await chart(title).locator('canvas').boundingBox())?.height)
        .toBeLessThan(250)
    }
  })

  test('its points are saved as CSV with time, its picture as PNG', async () => {
    await show('learning')
    await page.locator('.controls select').selectOption('time')
    const save = async (item: string) => {
      const saved = page.waitForEvent('download', { timeout: patienceMs })
      await choose('Valid proposals', item)
      const file = await saved
      return [file.suggestedFilename(), readFileSync(await file.path())] as const
    }
    const [csvName, csv] = await save('save as CSV')
    expect(csvName).toBe('curved-valid-proposals.csv')
    const lines = csv.toString().trim().split('\n')
    expect(lines[0]).toBe('step,time,deduction,abduction,induction')
    expect(lines).toHaveLength(lastStep + 1)
    // Step 0 also took a minute.
    expect(lines[1]?.split(',').slice(0, 3)).toEqual(['1', '120', expect.stringMatching(/^0\.3/)])
    const [pngName, png] = await save('save as PNG')
    expect(pngName).toBe('curved-valid-proposals.png')
    expect(png.subarray(1, 4).toString()).toBe('PNG')
    expect(png.length).toBeGreaterThan(3000)
  })

  test('every point of every curve is reached by keyboard, and links to its rows', async () => {
    await show('learning')
    await plotOf('Valid proposals').focus()
    await page.keyboard.press('Home')
    const seen: number[] = []
    for (let i = 1; i <= lastStep; i++) {
      seen.push(Number(/^step (\d+)/.exec((await said('Valid proposals')) ?? '')?.[1]))
      await page.keyboard.press('ArrowRight')
    }
    expect(seen).toEqual(Array.from({ length: lastStep }, (_, i) => i + 1))
    const first: (string | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      first.push(/^step 30: (\w+)/.exec((await said('Valid proposals')) ?? '')?.[1])
      await page.keyboard.press('ArrowDown')
    }
    expect(first).toEqual(['deduction', 'abduction', 'induction'])
    await page.keyboard.press('+')
    await untilSaid('show the whole run')
    await page.keyboard.press('0')
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForFunction(() => location.hash.includes('/tasks?'))
    expect(page.url()).toContain('verdict=valid&kind=abduction&step=30')
  })

  test('colours come from the API, and cut proposals are drawn', async () => {
    await show('behaviour')
    const [solver] = palette.filter(({ name }) => name === 'solver')
    const found = await page.evaluate(() => {
      const probe = document.body.appendChild(document.createElement('i'))
      probe.style.color = 'var(--solver)'
      return getComputedStyle(probe).color
    })
    const [red, green, blue] = [1, 3, 5].map(at =>
      Number.parseInt(solver?.light.slice(at, at + 2) ?? '', 16),
    )
    expect(found).toBe(`rgb(${red}, ${green}, ${blue})`)
    expect(await chart('Proposals cut off').locator('canvas').count()).toBe(1)
  })
})
