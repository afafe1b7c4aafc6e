/**
 * Tells a working server from one that hangs or is gone. While requests are open there has to be an
 * answer, or a token that the server counts, within the allowed silence.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { EngineGone, explain } from '../../domain/errors.ts'
import type { Http } from './http.ts'

export type WatchOptions = {
  /** Longest time without an answer or a token while requests are open. */
  silenceMs: number
  everyMs?: number
  signal: AbortSignal
}

const counted = /^vllm:(?:generation|prompt)_tokens_total\S* (\S+)$/gm

/** Tokens that the server has counted; null if it does not count. */
async function tokensOf(http: Http, ask: { signal: AbortSignal; deadlineMs: number }) {
  const { status, text } = await http.ask('GET', '/metrics', undefined, ask)
  if (status !== 200) return null
  return [...text.matchAll(counted)].reduce((sum, [, value]) => sum + Number(value), 0)
}

const isRefused = (error: unknown) =>
  /ECONNREFUSED|ECONNRESET|other side closed/.test(explain(error))

/** Rejects with EngineGone when the server is gone or hangs, or with the signal's reason. */
export async function watch(http: Http, options: WatchOptions): Promise<never> {
  const { silenceMs, everyMs = 500, signal } = options
  let mark = ''
  let since = performance.now()
  for (;;) {
    await sleep(everyMs, undefined, { signal })
    const { open, answers } = http.activity()
    try {
      const deadlineMs = Math.max(1000, everyMs * 4)
      const tokens = open > 0 ? await tokensOf(http, { signal, deadlineMs }) : null
      // No request is open, so ask whether it is alive.
      if (open === 0) await http.ask('GET', '/health', undefined, { signal, deadlineMs })
      const now = `${answers}/${tokens}`
      if (open === 0 || now !== mark) since = performance.now()
      mark = now
    } catch (error) {
      signal.throwIfAborted()
      if (isRefused(error))
        throw new EngineGone('engine-unreachable', `The engine at ${http.url} is gone`, {
          cause: error,
        })
    }
    if (performance.now() - since > silenceMs) {
      throw new EngineGone(
        'engine-hangs',
        `The engine at ${http.url} hangs: no token for ${Math.round(silenceMs / 1000)} s with ` +
          `${open} requests open`,
      )
    }
  }
}
