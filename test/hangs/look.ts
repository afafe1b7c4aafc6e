/** The three places where a person looks: the API, the terminal, the page. */
import type { Browser } from 'playwright-core'
import { start } from '../whole/azr.ts'

export type Look = { name: string; text: () => string | Promise<string>; close: () => unknown }

/** The terminal is `azr tail` from another shell, and what the run itself says at its end. */
function lookAtTerminal(home: string, run: string, own: { said: { err: string } }): Look {
  const tail = start(['tail', run], { home })
  return {
    name: 'terminal',
    text: () => `${tail.said.err}\n${own.said.err}`,
    close: () => tail.child.kill('SIGKILL'),
  }
}

function lookAtApi(url: string, run: string): Look {
  return {
    name: 'API',
    text: async () => {
      const answer = await fetch(`${url}api/runs/${run}/health`)
      const { failure, hangs, troubles } = (await answer.json()) as Record<string, unknown>
      return JSON.stringify({ failure, hangs, troubles })
    },
    close: () => {},
  }
}

async function lookAtPage(browser: Browser, url: string, run: string): Promise<Look> {
  const page = await browser.newPage()
  await page.goto(`${url}#${run}/learning`)
  const alarms = () => document.querySelector('.alarms')?.textContent ?? ''
  return {
    name: 'page',
    text: () => page.evaluate(alarms).catch(() => ''),
    close: () => page.close(),
  }
}

export async function lookEverywhere(options: {
  home: string
  url: string
  run: string
  own: { said: { err: string } }
  browser: Browser | null
}): Promise<Look[]> {
  const { home, url, run, own, browser } = options
  return [
    lookAtApi(url, run),
    lookAtTerminal(home, run, own),
    ...(browser ? [await lookAtPage(browser, url, run)] : []),
  ]
}
