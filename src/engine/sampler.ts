/**
 * Completions over HTTP, as an OpenAI-compatible server gives them: one request a rollout, with its
 * own seed, so that asking again cannot give a second answer. Not here: starting a server.
 */
import { Pool } from 'undici'
import { roundToHalf } from '../domain/half.ts'
import { EngineGone } from '../errors.ts'
import type { Completion, Sampler, SamplingRequest } from './types.ts'

type Choice = {
  text: string
  token_ids: number[]
  prompt_token_ids: number[]
  logprobs: { token_logprobs: number[] }
  finish_reason: 'stop' | 'length' | 'abort'
  prompt_logprobs?: (Record<string, { logprob: number }> | null)[]
}

export type SamplerOptions = {
  url: string
  model?: string
  concurrency: number
  deadlineMs: number
  /** Says why the server is gone, or null while it lives. */
  death: () => Error | null
}

export type Http = {
  post: (path: string, body: unknown, signal?: AbortSignal) => Promise<unknown>
  close: () => Promise<void>
}

/** JSON over kept-alive connections; a failure names the server's own words. */
export function createHttp({ url, concurrency, deadlineMs, death }: SamplerOptions): Http {
  const pool = new Pool(url, {
    connections: concurrency,
    bodyTimeout: deadlineMs,
    headersTimeout: deadlineMs,
    keepAliveTimeout: 60_000,
  })
  const headers = { 'content-type': 'application/json' }
  /** Where no whole answer comes, there is no server: whether its death was seen yet or not. */
  const exchange = async (request: Parameters<typeof pool.request>[0]) => {
    try {
      const { statusCode, body } = await pool.request(request)
      return { statusCode, text: await body.text() }
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error
      throw new EngineGone(death()?.message ?? 'The engine cannot be reached', { cause: error })
    }
  }
  return {
    async post(path, body, signal) {
      const request = { path, method: 'POST' as const, headers, body: JSON.stringify(body), signal }
      const { statusCode, text } = await exchange(request)
      if (statusCode !== 200) {
        throw new Error(`The engine answered ${path} with ${statusCode}: ${text.slice(0, 300)}`)
      }
      return JSON.parse(text)
    },
    close: () => pool.destroy(),
  }
}

function toCompletion(choice: Choice): Completion {
  if (choice.finish_reason === 'abort') throw new EngineGone('The engine aborted a completion')
  return {
    text: choice.text,
    promptIds: Int32Array.from(choice.prompt_token_ids),
    ids: Int32Array.from(choice.token_ids),
    logprobs: roundToHalf(Float32Array.from(choice.logprobs.token_logprobs)),
    finishReason: choice.finish_reason,
  }
}

export function createSampler(http: Http, model = 'policy'): Sampler {
  const completeMany = async (request: SamplingRequest, count: number, signal?: AbortSignal) => {
    const { prompt, maxTokens, temperature, topP, seed, stop } = request
    const body = {
      model,
      prompt,
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      seed,
      logprobs: 0,
      return_token_ids: true,
      ...(count > 1 ? { n: count } : {}),
      ...(stop.length > 0 ? { stop } : {}),
    }
    const { choices } = (await http.post('/v1/completions', body, signal)) as { choices: Choice[] }
    if (choices.length !== count) {
      throw new Error(
        `The engine answered with ${choices.length} choices where ${count} were asked`,
      )
    }
    return choices.map(toCompletion)
  }
  return {
    completeMany,
    async complete(request, signal) {
      const [completion] = await completeMany(request, 1, signal)
      return completion as Completion
    },
    async score(sequences, signal) {
      const score = async (ids: Int32Array) => {
        const body = {
          model,
          prompt: Array.from(ids),
          max_tokens: 0,
          echo: true,
          prompt_logprobs: 0,
        }
        const answer = (await http.post('/v1/completions', body, signal)) as { choices: Choice[] }
        const rows = answer.choices[0]?.prompt_logprobs ?? []
        return Float32Array.from(
          ids.subarray(1),
          (id, i) => rows[i + 1]?.[id]?.logprob ?? Number.NaN,
        )
      }
      const found: Float32Array[] = []
      for (const ids of sequences) found.push(await score(ids))
      return found
    },
  }
}
