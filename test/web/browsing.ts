/** A server and a browser for the tests of a file. */
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { setUpPage } from '../../scripts/setup/page.ts'
import { pageIsFresh } from '../../scripts/setup/stamps.ts'
import { root } from '../../src/config/paths.ts'
import { type HttpServer, startServer } from '../../src/http/serve.ts'
import { executablePath } from './browser.ts'

/**
 * Serves a home to a browser while the tests of this file (or `describe`) run. `prepare` makes its
 * runs first. Both parts are there from the first test on.
 */
export function browsing(home: string, prepare: () => Promise<unknown>, port?: number) {
  const here = {} as { server: HttpServer; browser: Browser }
  beforeAll(async () => {
    if (!pageIsFresh(root)) await setUpPage(root, () => {})
    await prepare()
    here.server = await startServer({ home, port })
    here.browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await here.browser?.close()
    await here.server?.close()
  })
  return here
}
