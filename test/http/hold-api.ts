/** The API over a run made of rows, for a test file, with shortcuts for requests. No socket. */
import { afterAll, beforeAll } from 'vitest'
import { statecharts } from '../../actors/statecharts.ts'
import { UsageError } from '../../domain/errors.ts'
import { type App, createApp } from '../../src/http/app.ts'
import type { Launch } from '../../src/http/orders.ts'
import { temporary } from '../temporary.ts'
import { makeRun } from '../web/made-run.ts'

/** The pid of processes that are not started. */
const pid = 4711
export const token = 'a-token-of-some-length'

/** Opened before the file's first test, closed after its last. */
export function holdApi() {
  const home = temporary('api')
  const launched: string[][] = []
  const begun: boolean[] = []
  let meanwhile = async () => {}
  let open: App
  let guarded: App

  beforeAll(async () => {
    await makeRun(home, 'made', 'def f(a):\n return 100%_of(a)')
    const launch: Launch = async (_, words, isBegun) => {
      launched.push(words)
      await meanwhile()
      begun.push(isBegun(pid))
      if (words.includes('broken'))
        throw new UsageError('preset-unknown', 'Cannot find preset broken')
      return pid
    }
    open = createApp({ home, launch, charts: statecharts() })
    guarded = createApp({ home, launch, charts: [], access: { token } })
  })
  afterAll(async () => {
    await Promise.all([open.close(), guarded.close()])
  })

  async function askOf({ app }: App, path: string, init: RequestInit = {}) {
    const answer = await app.request(path, init)
    const type = answer.headers.get('content-type') ?? ''
    const isPacked = answer.headers.has('content-encoding')
    return {
      status: answer.status,
      type,
      answer,
      body: type.includes('json') && !isPacked ? await answer.json() : null,
    }
  }
  const ask = (path: string, init: RequestInit = {}) => askOf(open, path, init)
  /** Requests to the API that requires the token. */
  const askGuarded = (path: string, init: RequestInit = {}) => askOf(guarded, path, init)
  const post = (path: string, body: unknown, headers = {}) =>
    ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  /** Does something while a process is starting. */
  const whileStarting = async <T>(act: () => Promise<void>, start: () => Promise<T>) => {
    meanwhile = act
    return start().finally(() => {
      meanwhile = async () => {}
    })
  }
  return { home, launched, begun, ask, askGuarded, post, whileStarting }
}
