/**
 * Measures a browser with a large run: from an address to a complete panel, and from a move of the
 * slider to the next picture. The first panel is that of a server which has read nothing yet. Null
 * without a Chromium.
 */
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'

export type Looked = { panel: string; ms: number }
export type Seen = { panels: Looked[]; scrubs: number[]; longest: number }

const panels = [
  'overview',
  'learning',
  'frontier',
  'behaviour',
  'tasks',
  'tasks?sort=reward',
  'tasks?list=rollouts',
  'tasks?list=rollouts&sort=advantage',
  'health',
  'config',
]
const moves = 20
const patienceMs = 60_000

/** Whether everything has loaded: no part of the panel waits. */
const isShown = () =>
  document.querySelector('main section') !== null && document.querySelector('.loading') === null

/** A new page, so that nothing is cached from the panel before. */
async function open(page: Page, address: string): Promise<number> {
  await page.goto('about:blank')
  const begun = performance.now()
  await page.goto(address)
  await page.waitForFunction(isShown, null, { timeout: patienceMs, polling: 'raf' })
  return performance.now() - begun
}

/** Moves the slider from end to end. Returns the time of each move until the next frame. */
const scrub = async (count: number) => {
  const slider = document.querySelector('input[type=range]') as HTMLInputElement
  const most = Number(slider.max)
  const took: number[] = []
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
  for (let i = 0; i < count; i++) {
    const begun = performance.now()
    slider.value = String(Math.round((most * i) / count))
    slider.dispatchEvent(new Event('input', { bubbles: true }))
    await frame()
    await frame()
    took.push(performance.now() - begun)
  }
  return took
}

export async function lookAt(url: string, run: string): Promise<Seen | null> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
  if (!existsSync(executablePath)) return null
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } })
    const seen: Looked[] = []
    const first = await open(page, `${url}#${run}/overview`)
    seen.push({ panel: 'overview, the first of a new server', ms: first })
    for (const panel of panels) seen.push({ panel, ms: await open(page, `${url}#${run}/${panel}`) })
    await open(page, `${url}#${run}/learning`)
    const scrubs = await page.evaluate(scrub, moves)
    return { panels: seen, scrubs, longest: Math.max(...scrubs) }
  } finally {
    await browser.close()
  }
}
