/** The table of runs, comparisons, forms, and the view of a task or rollout, in a real browser. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { temporary } from '../temporary.ts'
import { executablePath, patienceMs, showAt } from './browser.ts'
import { browsing } from './browsing.ts'
import { makeRun } from './made-run.ts'
import { shoot } from './shots.ts'

const program = 'def f(a):\n return a'
const evil = '<img src=x onerror="document.title=1">'

describe.skipIf(!existsSync(executablePath))('views', () => {
  const home = temporary('views')
  const complaints: string[] = []
  let page: Page

  const show = (place: string) => showAt(page, `${here.server.url}#${place}`)
  const sees = (selector: string) => page.waitForSelector(selector, { timeout: patienceMs })
  const labelsOf = async (id: string) =>
    (await (await fetch(`${here.server.url}api/runs/${id}`)).json()).labels

  const here = browsing(home, async () => {
    const smoke = loadConfig('smoke')
    const config = { ...smoke, steps: 2, propose: { ...smoke.propose, corpus: './mycode' } }
    const seeds = { versions: { torch: '2.9' } }
    await makeRun(home, 'one', program, undefined, { ...seeds, config })
    const second = { seed: 2, config: { ...config, seed: 2 } }
    await makeRun(home, 'two', program, undefined, { ...seeds, ...second })
    const trainer = { ...config.trainer, learningRate: 0.5 }
    const lineage = { forked: { run: 'one', step: 1, settings: { 'trainer.learningRate': '0.5' } } }
    await makeRun(home, 'fork', program, undefined, { lineage, config: { ...config, trainer } })
    await makeRun(home, 'doomed', program, undefined, { config })
  })
  beforeEach(async () => {
    page = await here.browser.newPage({ viewport: { width: 1200, height: 900 } })
    page.on('pageerror', error => complaints.push(error.message))
  })
  afterEach(async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.close()
  })

  const names = () => page.locator('table.runs th[scope=row] > a').allTextContents()

  test('runs are sorted, found, and shown below the run that they were forked from', async () => {
    await show('/runs?sort=run&order=asc')
    await sees('.spark')
    expect(await names()).toEqual(['doomed', 'fork', 'one', 'two'])
    await page.click('text=run ↑')
    await page.waitForFunction(() => document.querySelector('[aria-sort=descending]') !== null)
    expect((await names())[0]).toBe('two')
    await page.check('text=forks below their parents')
    await page.waitForFunction(() => location.hash.includes('tree=yes'))
    const rows = await names()
    expect(rows.indexOf('fork')).toBe(rows.indexOf('one') + 1)
    // The list is read again meanwhile, and what is typed stays.
    await page.locator('input[type=search]').pressSequentially('fork', { delay: 900 })
    await page.waitForFunction(() => document.querySelectorAll('table.runs tbody tr').length === 1)
    expect(await page.title()).toBe('Runs · azr')
  })

  test('a run gets a title, tags and notes, which are shown as text', async () => {
    await show('/runs?sort=run&order=asc')
    const row = page.locator('table.runs tbody tr', { hasText: 'two' }).first()
    await row.locator('button').click()
    await page.fill('input[name=title]', 'Second seed')
    await page.fill('input[name=tags]', 'baseline, seeds')
    await page.fill('textarea', evil)
    await page.click('form.labels button[type=submit]')
    await sees('.tag:text-is("baseline")')
    expect(await labelsOf('two')).toEqual({
      title: 'Second seed',
      tags: ['baseline', 'seeds'],
      notes: evil,
    })
    expect(await page.locator('.note').textContent()).toBe(evil)
    expect(await page.locator('main img').count()).toBe(0)
  })

  test('a run is deleted after a confirmation', async () => {
    await show('/runs?sort=run&order=asc')
    await page.locator('table.runs tbody tr', { hasText: 'doomed' }).locator('button').click()
    await page.click('text=delete …')
    expect(existsSync(join(home, 'doomed'))).toBe(true)
    await page.click('text=delete it')
    await page.waitForFunction(() => !document.body.textContent?.includes('doomed'))
    expect(existsSync(join(home, 'doomed'))).toBe(false)
  })

  test('runs are selected in the list, and their differences come first', async () => {
    await show('/runs')
    for (const id of ['one', 'fork']) await page.check(`[aria-label="choose ${id}"]`)
    await page.click('a.button:text("compare 2")')
    await sees('table.unlike-knobs')
    const rows = await page.locator('table.unlike-knobs tbody th').allTextContents()
    expect(rows).toEqual([
      'trainer.learningRate',
      'version of torch',
      'preset',
      'forked from',
      'steps done',
    ])
    const heads = () => page.locator('section h2').allTextContents()
    await expect
      .poll(heads, { timeout: patienceMs })
      .toEqual([
        'Compare runs',
        'What differs in them',
        'Their last evaluations, item by item',
        'Held-out accuracy, mean over the kinds',
        'Self-play',
      ])
    await page.goBack()
    expect(await page.isChecked('[aria-label="choose fork"]')).toBe(true)
  })

  test('runs that differ only in their seed are one curve with a band', async () => {
    await show('/compare?runs=one,two,fork')
    await sees('figure canvas')
    const legend = async () =>
      (await page.locator('figure').first().locator('.legend').textContent()) ?? ''
    expect(await legend()).toMatch(/one and 1 more seed 50%.*fork 50%/)
    await page.uncheck('.filters input[type=checkbox]')
    await page.waitForFunction(() => location.hash.includes('each=yes'))
    expect(await legend()).toMatch(/one 50%.*two 50%.*fork 50%/)
  })

  test('a form explains each knob, plans the run, and shows the command', async () => {
    await show('/new?preset=smoke&set.steps=7')
    await sees('.fits')
    expect(await page.inputValue('[id="knob-steps"]')).toBe('7')
    expect(await page.textContent('[id="knob-steps-why"]')).toMatch(/whole number/)
    await page.waitForSelector('.command:has-text("azr train smoke --steps=7")')
    await page.fill('[id="knob-steps"]', 'many')
    await sees('aside .failed:has-text("steps")')
    await page.click('text=back to')
    await sees('.command code:text-is("azr train smoke")')
  })

  test('a refusal of the API is shown, and the form keeps its values', async () => {
    const asked: unknown[] = []
    await page.route('**/api/runs/one/fork', route => {
      asked.push(route.request().postDataJSON())
      return route.fulfill({ status: 409, json: { detail: 'Cannot fork now' } })
    })
    await show('one/fork?at=1&set.trainer.learningRate=0.001')
    await page.fill('[id="knob-steps"]', '9')
    await page.click('form.begin button[type=submit]')
    await sees('[role=status]:text("Cannot fork now")')
    expect(asked).toEqual([{ at: 1, knobs: { 'trainer.learningRate': '0.001', steps: '9' } }])
    expect(await page.inputValue('[id="knob-steps"]')).toBe('9')
  })

  test('a finished run is resumed with more steps', async () => {
    const asked: unknown[] = []
    await page.route('**/api/runs/one/resume', route => {
      asked.push(route.request().postDataJSON())
      return route.fulfill({ status: 202 })
    })
    await show('one/resume')
    expect(await page.locator('[id="knob-trainer.learningRate"]').count()).toBe(0)
    await page.fill('[id="knob-steps"]', '20')
    await sees('.command code:text-is("azr resume one --steps=20")')
    await page.click('form.begin button[type=submit]')
    await page.waitForFunction(() => location.hash.startsWith('#one/'))
    await expect.poll(() => asked).toEqual([{ knobs: { steps: '20' } }])
  })

  test('a collapse links to a fork from before it, with half the learning rate', async () => {
    await page.route('**/api/runs/one/health*', async route => {
      const answer = await route.fetch()
      const advice = 'The policy becomes random: lower trainer.learningRate.'
      const alarm = { name: 'entropy explodes', level: 'collapse', step: 2, message: 'x', advice }
      await route.fulfill({ json: { ...(await answer.json()), alarms: [alarm] } })
    })
    await show('one/health')
    await page.click('.remedy')
    await sees('.knob.changed')
    const rate = loadConfig('smoke').trainer.learningRate
    expect(await page.inputValue('[id="knob-trainer.learningRate"]')).toBe(String(rate / 2))
    expect(await page.textContent('form.begin button[type=submit]')).toBe('fork at step 1')
  })

  test('config, versions and the command that repeats it are on the page', async () => {
    await show('fork/config')
    await sees('table.knobs tr.own')
    expect(await page.textContent('.command code')).toBe(
      'azr fork one --at 1 --trainer.learningRate=0.5',
    )
    expect(await page.textContent('.lineage')).toContain('from one, step 1')
    const counts = await page.locator('table.own-code tr').allTextContents()
    expect(counts).toContain('functions kept17')
    expect(counts).toContain('skipped: <img src=x onerror=alert(1)>3')
  })

  const places = [
    '/runs?tree=yes',
    '/compare?runs=one,two,fork',
    '/new?preset=micro',
    'one/config',
    'one/fork?at=1&set.trainer.learningRate=0.001',
    'one/resume',
    'one/tasks?sort=reward&minReward=0',
    'one/tasks?task=hash-induction',
    'one/tasks?rollout=000002.estimate.induction.hash-induction.0&beside=000002.estimate.induction.hash-induction.1',
  ]

  test.each(['light', 'dark'] as const)(
    'fit into all widths, axe finds nothing: %s',
    async scheme => {
      await page.emulateMedia({ colorScheme: scheme })
      const path = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
      const axe = readFileSync(path, 'utf8')
      for (const place of places) {
        for (const width of [390, 800, 1600]) {
          await page.setViewportSize({ width, height: 900 })
          await show(place)
          const widest = await page.evaluate(() => document.documentElement.scrollWidth)
          expect(widest, `${place} at ${width}`).toBeLessThanOrEqual(width)
          await shoot(page, `views-${scheme}-${width}-${place.replace(/\W+/g, '-').slice(0, 40)}`)
        }
        await page.evaluate(axe)
        const found = await page.evaluate(async () => {
          const { violations } = await (window as never as { axe: Axe }).axe.run(document, {
            runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] },
          })
          return violations.map(
            ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).slice(0, 3)}`,
          )
        })
        expect(found, place).toEqual([])
      }
      expect(complaints).toEqual([])
    },
  )
})

type Axe = {
  run: (
    context: Document,
    options: unknown,
  ) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>
}
