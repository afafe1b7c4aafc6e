/** One server as an engine: it samples, loads, sleeps, and notices any kind of end. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { AzrError } from '../../domain/errors.ts'
import { createAdapters } from './adapters.ts'
import type { Http } from './http.ts'
import {
  changeAsleep,
  changeAwake,
  drain,
  fallAsleep,
  putWeights,
  type SleepLevel,
} from './load.ts'
import { prefixCacheOf } from './prefix-cache.ts'
import { createSampler } from './sampler.ts'
import type { ServerProcess } from './server-process.ts'
import type { EngineServer, Sampler } from './types.ts'
import { watch } from './watch.ts'

export type ServerOptions = {
  /** Longest time without a token while requests are open. */
  silenceMs: number
  /** The memory that the engine frees when it sleeps; null if it does not sleep. */
  sleepLevel?: SleepLevel | null
}

/** Time for a process to report its own death. */
const graceMs = 1000

const isAdapter = (path: string) => existsSync(join(path, 'adapter_config.json'))
/** So low that the sampling distribution differs from the plain one even if that is nearly flat. */
const cold = 0.02
const hello = { prompt: 'def f(a):', maxTokens: 8, temperature: cold, topP: 1, seed: 0, stop: [] }

/**
 * A server may listen and still not answer with ids, or with log-probabilities of the sampling
 * distribution. Log-probabilities from before the temperature equal the scores at 1.
 */
async function checkAnswers(sampler: Sampler, signal?: AbortSignal): Promise<void> {
  const { ids, logprobs, promptIds } = await sampler.complete(hello, signal)
  if (ids.length === 0 || promptIds.length === 0) {
    throw new AzrError(
      'engine-unsuitable',
      'The engine sends no token ids or log-probabilities with its completions',
    )
  }
  const [scores] = await sampler.score([Int32Array.from([...promptIds, ...ids])], signal)
  const plain = scores?.slice(promptIds.length - 1) ?? new Float32Array()
  if (!plain.every(Number.isFinite)) {
    throw new AzrError('engine-unsuitable', 'The engine sends no log-probabilities of a prompt')
  }
  const isCertain = plain.every(value => value > -0.01)
  const differs = plain.some((value, i) => Math.abs(value - (logprobs[i] ?? 0)) > 0.01)
  if (differs || isCertain) return
  throw new AzrError(
    'engine-unsuitable',
    'The engine gives log-probabilities before the temperature is applied: start it with ' +
      '--logprobs-mode processed_logprobs',
  )
}

/** The parts of any server, whoever started it. */
export function engineOver(http: Http, sleepLevel: SleepLevel | null = null) {
  const adapters = createAdapters(http)
  const sampler = createSampler(http, adapters.target)
  let isAsleep = false
  /** The newest change of weights. The next one and a warming wait until the server resumed. */
  let changing: Promise<void> = Promise.resolve()
  return {
    sampler,
    async warm(signal?: AbortSignal) {
      await changing.catch(() => {})
      await checkAnswers(sampler, signal)
    },
    async drain(signal?: AbortSignal) {
      if (!isAsleep) await drain(http, { signal })
    },
    async load(path: string, version: number, signal?: AbortSignal) {
      const ask = { signal }
      const put = async () => {
        if (isAdapter(path)) return adapters.put(path, version, ask)
        await putWeights(http, path, version, ask)
        adapters.forget()
      }
      const before = changing
      changing = before
        .catch(() => {})
        .then(() => (isAsleep ? changeAsleep : changeAwake)(http, put, ask))
      await changing
      isAsleep = false
    },
    prefixCache: (signal?: AbortSignal) => prefixCacheOf(http, { signal }),
    async sleep(signal?: AbortSignal) {
      if (sleepLevel === null || isAsleep) return
      await fallAsleep(http, sleepLevel, { signal })
      isAsleep = true
    },
  }
}

export function serverOf(server: ServerProcess, options: ServerOptions): EngineServer {
  const { http, pid } = server
  const { silenceMs, sleepLevel } = options
  const over = new AbortController()
  const hang = watch(http, { silenceMs, signal: over.signal })
  // The process explains its end best, though perhaps later. A requested stop is not a death.
  const hung = hang.catch(async error => {
    if (over.signal.aborted) return server.gone
    await Promise.race([server.gone, sleep(graceMs, undefined, { ref: false })])
    throw error
  })
  const gone = Promise.race([server.gone, hung])
  gone.catch(() => {})
  return {
    pids: () => [pid],
    url: http.url,
    ...engineOver(http, sleepLevel),
    gone,
    async stop() {
      over.abort()
      await server.stop()
    },
  }
}
