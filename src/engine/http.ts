/**
 * JSON over kept-alive connections to one engine server. Errors quote the server's own words. It
 * counts open and answered requests, so that a server that hangs can be recognised.
 */
import { errors, Pool } from 'undici'
import { AzrError, EngineGone, explain } from '../../domain/errors.ts'

/** The header with the policy that a server answers with, or that a request asks for. */
export const policyHeader = 'x-azr-policy'

export type HttpOptions = {
  url: string
  concurrency: number
  deadlineMs: number
  /** How long an idle connection is kept: less than the server keeps it (4 s). */
  keepIdleMs?: number | undefined
  /** Says why the server is gone, or null while it lives. */
  death: () => Error | null
}

export type Answer = {
  status: number
  text: string
  /** The version that the server says it answered with; null if it does not say. */
  policy: number | null
}

export type Ask = { signal?: AbortSignal; policyVersion?: number; deadlineMs?: number }

export type Http = {
  url: string
  /** Resolves with any answer. Rejects with EngineGone if there is none. */
  ask: (method: 'GET' | 'POST', path: string, body?: unknown, ask?: Ask) => Promise<Answer>
  /** The JSON of a successful answer. Throws on any other. */
  post: (path: string, body: unknown, ask?: Ask) => Promise<unknown>
  /** Posted requests: those that are open, and the number of answers so far. */
  activity: () => { open: number; answers: number }
  close: () => Promise<void>
}

/** Messages of vLLM's server while its engine is dead but the server is not. */
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
  if (!text.startsWith('{')) return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    // Python writes NaN and Infinity, which JSON does not have.
    throw new AzrError(
      'engine-unsuitable',
      `The engine answered ${path} with text that is not JSON: ${explain(error)}`,
    )
  }
}

type Loss = { path: string; timeout: number; error: unknown; death: Error | null }

/** Each text stands where its error is made, because the guide to troubleshooting is read there. */
function lost(url: string, { path, timeout, error, death }: Loss): EngineGone {
  const cause = { cause: error }
  const { HeadersTimeoutError, BodyTimeoutError } = errors
  if (error instanceof HeadersTimeoutError || error instanceof BodyTimeoutError) {
    return new EngineGone(
      'engine-unreachable',
      death?.message ??
        `The engine at ${url} did not answer ${path} within ${timeout / 1000} s: ` +
          'deadlines.itemSeconds limits a request, which may be for all answers to a prompt',
      cause,
    )
  }
  return new EngineGone(
    'engine-unreachable',
    death?.message ?? `The engine at ${url} cannot be reached`,
    cause,
  )
}

export function createHttp(options: HttpOptions): Http {
  const { url, concurrency, deadlineMs, keepIdleMs = 4_000, death } = options
  const pool = new Pool(url, {
    // Four spare connections, so that health checks do not wait for completions.
    connections: concurrency + 4,
    // Close idle connections before the server does: it would lose a request that we are writing.
    keepAliveTimeout: keepIdleMs,
  })
  const activity = { open: 0, answers: 0 }
  const ask: Http['ask'] = async (method, path, body, asked = {}) => {
    const { signal, policyVersion } = asked
    const timeout = asked.deadlineMs ?? deadlineMs
    const headers: Record<string, string> = { 'content-type': 'application/json' }
    if (policyVersion !== undefined) headers[policyHeader] = String(policyVersion)
    const weight = method === 'POST' ? 1 : 0
    activity.open += weight
    /**
     * If no complete answer arrives, the server counts as gone, even before its death is noticed.
     */
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
      throw lost(url, { path, timeout, error, death: death() })
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
