/**
 * Starts the API and the page in their own thread, so that no request delays an actor. Beyond
 * loopback they require a bearer token.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { isIP } from 'node:net'
import { Worker } from 'node:worker_threads'
import { UsageError, untold } from '../../domain/errors.ts'
import { isLoopback } from '../../lib/loopback.ts'
import { type Names, noNames } from './public.ts'

export type ThreadData = {
  home: string
  host: string
  port: number | undefined
  token: string | null
  names: Names
}
export type ThreadSays = { url: string } | { error: string }

export type ServeOptions = {
  home: string
  port: number | undefined
  /** Loopback by default. */
  host?: string | undefined
  /** Generated if one is needed and none is given. */
  token?: string | undefined
  names?: Names
}
export type HttpServer = {
  /** The server's address: the public one if it has one. */
  url: string
  /** The address where it listens, for a proxy on this machine. */
  local: string
  /** The token is printed once; null on loopback. */
  token: string | null
  close: () => Promise<void>
}

const fewestCharacters = 16

function tokenFor(host: string, { publicUrl, hosts }: Names, given: string | undefined) {
  const known = [host, ...(publicUrl ? [publicUrl.name] : []), ...hosts]
  if (known.every(isLoopback)) return null
  if (given === undefined) return randomBytes(24).toString('base64url')
  if (!/^[\x21-\x7e]+$/.test(given) || given.length < fewestCharacters) {
    throw new UsageError(
      'flag-value',
      `Cannot use that token: it needs ${fewestCharacters} or more characters and no spaces`,
    )
  }
  return given
}

export async function startServer(options: ServeOptions): Promise<HttpServer> {
  const { home, port, host = '127.0.0.1', names = noNames } = options
  if (host !== 'localhost' && !isIP(host)) {
    throw new UsageError(
      'flag-value',
      `Cannot serve on ${host}: give an address of this machine, or 0.0.0.0`,
    )
  }
  const token = tokenFor(host, names, options.token)
  const workerData: ThreadData = { home, host, port, token, names }
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData,
    execArgv: [],
  })
  const [said] = (await once(worker, 'message')) as [ThreadSays]
  if ('error' in said) {
    const { code, message } = untold(said.error)
    throw new UsageError(code, message)
  }
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  // The run continues without its page.
  worker.on('error', error => process.stderr.write(`azr: the page ended: ${error.message}\n`))
  const { publicUrl } = names
  return {
    url: publicUrl ? `${publicUrl.origin}${publicUrl.base}/` : said.url,
    local: said.url,
    token,
    async close() {
      worker.postMessage('close')
      await ended
    },
  }
}
