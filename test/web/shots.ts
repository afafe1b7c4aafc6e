/** Screenshots of tested pages, for people: in .azr/screenshots, or AZR_SCREENSHOTS. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { root } from '../../src/config/paths.ts'

export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.AZR_SCREENSHOTS ?? join(root, '.azr', 'screenshots')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}
