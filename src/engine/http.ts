/**
 * JSON over kept-alive connections to one engine server; a failure names the server's own words.
 * Keeps count of what is open and what was answered, so that a server that hangs can be told.
 */
import { Pool } from 'undici'
import { AzrError, EngineGone } from '../../domain/errors.ts'

/** Header in which a server says which policy it answers with, and a request which one it wants. */
export const policyHeader = 'x-azr-policy'

export type HttpOptions = {
  url: string
  concurrency: number
  deadlineMs: number
  /** Says why the server is gone, or null while it lives. */
  death: () => Error | null
}

export type Answer = {
  status: number
  text: string
  /** The version that the server says it answered with; null where it does not say. */
  policy: number | null
}

export type Ask = { signal?: AbortSignal; policyVersion?: number; deadlineMs?: number }

export type Http = {
  url: string
  /** Any answer at all; rejects with EngineGone where none comes. */
  ask: (method: 'GET' | 'POST', path: string, body?: unknown, ask?: Ask) => Promise<Answer>
  /** The JSON of a good answer; anything else is thrown. */
  post: (path: string, body: unknown, ask?: Ask) => Promise<unknown>
  /** Of what was posted: requests that are open, and answers so far. */
  activity: () => { open: number; answers: number }
  close: () => Promise<void>
}

/** What vLLM's server says while its engine is dead and it is not yet. */
const ofTheDead = /EngineCore encountered an issue|EngineDeadError/

export function goodJson(path: string, { status, text }: Answer): unknown {
  if (status >= 500 && ofTheDead.test(text))
    throw new EngineGone('engine-gone', 'The engine process of vLLM has died')
  if (status !== 200) {
    throw new AzrError(
      'engine-refused',
      `The engine answered ${path} with ${status}: ${text.slice(0, 300)}`,
    )
  }
  return text.startsWith('{') ? JSON.parse(text) : {}
}

export function createHttp({ url, concurrency, deadlineMs, death }: HttpOptions): Http {
  const pool = new Pool(url, {
    // Four spare connections, so that health checks do not wait for completions.
    connections: concurrency + 4,
    // Close idle connections before the server does: it would lose a request that we are writing.
    keepAliveTimeout: 4_000,
  })
  const activity = { open: 0, answers: 0 }
  const ask: Http['ask'] = async (method, path, body, options = {}) => {
    const { signal, policyVersion } = options
    const timeout = options.deadlineMs ?? deadlineMs
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (policyVersion !== undefined) headers[policyHeader] = String(policyVersion)
    const weight = method === 'POST' ? 1 : 0
    activity.open += weight
    /** Where no whole answer comes, there is no server: whether its death was seen yet or not. */
    try {
      const response = await pool.request({
        path,
        method,
        headers,
        signal,
        headersTimeout: timeout,
        bodyTimeout: timeout,
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await response.body.text()
      activity.answers += weight
      const mark = response.headers[policyHeader]
      return { status: response.statusCode, text, policy: mark === undefined ? null : Number(mark) }
    } catch (error) {
      if (signal?.aborted) throw error
      throw new EngineGone(
        'engine-unreachable',
        death()?.message ?? `The engine at ${url} cannot be reached`,
        {
          cause: error,
        },
      )
    } finally {
      activity.open -= weight
    }
  }
  return {
    url,
    ask,
    post: async (path, body, options) => goodJson(path, await ask('POST', path, body, options)),
    activity: () => ({ ...activity }),
    close: () => pool.destroy(),
  }
}
