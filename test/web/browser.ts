/** The browser of the tests, and how it opens an address of the page. */
import type { Page } from 'playwright-core'

export const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const patienceMs = 60_000

/** Opens an address and waits until everything has loaded. */
export async function showAt(page: Page, address: string): Promise<void> {
  await page.goto(address)
  const isThere = () =>
    document.querySelector('main section') !== null && !document.querySelector('.loading')
  await page.waitForFunction(isThere, null, { timeout: patienceMs })
}
