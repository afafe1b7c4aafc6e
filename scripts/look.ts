/**
 * Takes screenshots of the page: `node scripts/look.ts URL FILE [WIDTH] [HEIGHT] [light|dark]`.
 * Fails if the page logs an error. Needs a Chromium (CHROMIUM, or on the path).
 */
import { chromium } from 'playwright-core'

const [url = '', file = '', width = '1200', height = '900', scheme = 'light'] =
  process.argv.slice(2)
if (!url || !file) {
  process.stderr.write('usage: node scripts/look.ts URL FILE [WIDTH] [HEIGHT] [light|dark]\n')
  process.exit(2)
}
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
const complaints: string[] = []
try {
  const viewport = { width: Number(width), height: Number(height) }
  const page = await browser.newPage({ viewport, colorScheme: scheme as 'light' | 'dark' })
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', error => complaints.push(error.message))
  await page.goto(url)
  // Wait for the first answers of the API, which fill charts and rows.
  await page.waitForTimeout(3000)
  await page.screenshot({ path: file, fullPage: process.argv.includes('--full') })
} finally {
  await browser.close()
}
for (const complaint of complaints) process.stderr.write(`${complaint}\n`)
process.exitCode = complaints.length > 0 ? 1 : 0
