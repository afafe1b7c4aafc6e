/** The browser that tests look at the page with, and how they go to a place in it. */
import type { Page } from 'playwright-core'

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const patienceMs = 60_000

/** Goes to an address and waits until nothing loads any more. */
export async function showAt(page: Page, address: string): Promise<void> {
  await page.goto(address)
  const isThere = () =>
    document.querySelector('main section') !== null && !document.querySelector('.loading')
  await page.waitForFunction(isThere, null, { timeout: patienceMs })
}
