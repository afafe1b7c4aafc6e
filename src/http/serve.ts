/**
 * Opens the API and the page in a thread of their own, so that no request delays a message of an
 * actor. Beyond loopback they ask for a bearer token.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { Worker } from 'node:worker_threads'
import { UsageError } from '../../domain/errors.ts'
import { isLoopback } from '../../lib/loopback.ts'

export type ThreadData = {
  home: string
  host: string
  port: number | undefined
  token: string | null
}
export type ThreadSays = { url: string } | { error: string }

export type ServeOptions = {
  home: string
  port: number | undefined
  /** Loopback where none is given. */
  host?: string | undefined
  /** Made up where one is needed and none is given. */
  token?: string | undefined
}
export type HttpServer = {
  url: string
  /** To be printed once; null on loopback. */
  token: string | null
  close: () => Promise<void>
}

const fewestCharacters = 16

function tokenFor(host: string, given: string | undefined): string | null {
  if (isLoopback(host)) return null
  if (given === undefined) return randomBytes(24).toString('base64url')
  if (!/^[\x21-\x7e]+$/.test(given) || given.length < fewestCharacters) {
    throw new UsageError(
      `Cannot take that token: it has to have ${fewestCharacters} or more characters, no spaces`,
    )
  }
  return given
}

export async function startServer(options: ServeOptions): Promise<HttpServer> {
  const { home, port, host = '127.0.0.1' } = options
  if (host !== 'localhost' && !isIP(host)) {
    throw new UsageError(`Cannot serve on ${host}: give an address of this machine, or 0.0.0.0`)
  }
  const token = tokenFor(host, options.token)
  const workerData: ThreadData = { home, host, port, token }
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData,
    execArgv: [],
  })
  const [said] = (await once(worker, 'message')) as [ThreadSays]
  if ('error' in said) throw new UsageError(said.error)
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  // The run goes on without its page.
  worker.on('error', error => process.stderr.write(`azr: the page ended: ${error.message}\n`))
  return {
    url: said.url,
    token,
    async close() {
      worker.postMessage('close')
      await ended
    },
  }
}
