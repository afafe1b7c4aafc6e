/**
 * Completions over HTTP from an OpenAI-compatible server. One request per prompt has the seed of
 * its first answer, so that a retry gives the same answers. Starting a server is elsewhere.
 */

import { AzrError, EngineGone, StalePolicy } from '../../domain/errors.ts'
import { roundToHalf } from '../../domain/half.ts'
import { type End, endIn } from '../../domain/prompts/end.ts'
import { createEncoder } from './encoder.ts'
import { type Answer, goodJson, type Http } from './http.ts'
import type { Completion, Sampler, SamplingRequest } from './types.ts'

type Choice = {
  text: string
  token_ids: number[]
  prompt_token_ids: number[]
  /**
   * For each token, where its text begins. Our own engine ends by count itself and does not send
   * it.
   */
  logprobs: { token_logprobs: (number | null)[]; text_offset?: number[] } | null
  finish_reason: 'stop' | 'length' | 'abort'
  prompt_logprobs?: (Record<string, { logprob: number }> | null)[]
}
type Choices = { model?: string; choices: Choice[] }

/** Which of a server's models is sampled: the base under its stamp, or an adapter by its name. */
export type Target = { model: string; isAdapter: boolean }
const base: Target = { model: 'policy', isAdapter: false }

type Cut = Pick<Choice, 'text' | 'finish_reason'> & { tokens: number }

/**
 * The part of a completion that counts: all, or up to its end by count including the closing token.
 */
function cutAtEnd({ text, token_ids, logprobs, finish_reason }: Choice, end?: End): Cut {
  const at = end ? endIn(text, end) : -1
  if (!end || at < 0) return { text, tokens: token_ids.length, finish_reason }
  const offsets = logprobs?.text_offset
  if (!offsets)
    throw new AzrError(
      'engine-unsuitable',
      'Cannot cut a completion as the engine sends no text_offset',
    )
  const tokens = offsets.filter(offset => offset < at + end.text.length).length
  return { text: text.slice(0, at), tokens, finish_reason: 'stop' }
}

/**
 * The log-probability of each token. The learner takes NaN as unknown, and uses its own, and null
 * would become 0. So anything but a finite number is an error of the engine.
 */
function logprobsOf({ token_ids, logprobs }: Choice): Float32Array {
  const given = logprobs?.token_logprobs ?? []
  const values = roundToHalf(Float32Array.from(given, value => value ?? Number.NaN))
  if (values.length !== token_ids.length) {
    throw new AzrError(
      'engine-unsuitable',
      `The engine answered with ${values.length} log-probabilities of ${token_ids.length} tokens`,
    )
  }
  const wrong = values.findIndex(value => !Number.isFinite(value))
  if (wrong < 0) return values
  throw new AzrError(
    'engine-unsuitable',
    `The engine answered with log-probability ${given[wrong]} of token ${wrong + 1}: it has to ` +
      'be a finite number',
  )
}

function toCompletion(choice: Choice, promptIds: Int32Array, end?: End): Completion {
  if (choice.finish_reason === 'abort')
    throw new EngineGone('engine-gone', 'The engine aborted a completion')
  const { text, tokens, finish_reason } = cutAtEnd(choice, end)
  return {
    text,
    promptIds,
    ids: new Int32Array(choice.token_ids.slice(0, tokens)),
    logprobs: logprobsOf(choice).slice(0, tokens),
    finishReason: finish_reason === 'abort' ? 'stop' : finish_reason,
  }
}

/** The version in an adapter's name. The server answers under the name that it used. */
function versionOf(text: string): number | null {
  const { model = '' } = JSON.parse(text) as Choices
  const found = /^policy-(\d+)/.exec(model)
  return found ? Number(found[1]) : null
}

/** Refuses an answer of another policy than the requested one. */
function checkStamp(answer: Answer, isAdapter: boolean, wanted: number): void {
  const made = isAdapter ? versionOf(answer.text) : answer.policy
  if (made === wanted) return
  throw new StalePolicy(
    'policy-stale',
    `Cannot use a completion of policy ${made ?? '(none named)'} instead of ${wanted}`,
  )
}

const argumentsOf = ({ text, count, after }: End) => {
  return { end_text: text, end_count: count, ...(after ? { end_after: after } : {}) }
}

function bodyOf(request: SamplingRequest, count: number, model: string) {
  const { prompt, maxTokens, temperature, topP, seed, stop, keepsStop = false, end } = request
  return {
    model,
    prompt: typeof prompt === 'string' ? prompt : Array.from(prompt),
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    seed,
    logprobs: 0,
    return_token_ids: true,
    ...(count > 1 ? { n: count } : {}),
    ...(stop.length > 0 ? { stop, include_stop_str_in_output: keepsStop } : {}),
    // Our own engine ends there. vLLM continues to its own end, and is cut here.
    ...(end ? { vllm_xargs: argumentsOf(end) } : {}),
  }
}

export function createSampler(http: Http, target: () => Target = () => base): Sampler {
  const path = '/v1/completions'
  const ask = async (
    body: object,
    policyVersion: number | undefined,
    signal?: AbortSignal,
    to = target(),
  ) => {
    // A stamped server itself answers 409 if it serves another version.
    const header = to.isAdapter ? {} : { policyVersion }
    const answer = await http.ask('POST', path, { ...body, model: to.model }, { signal, ...header })
    if (answer.status === 409)
      throw new StalePolicy('policy-stale', `The engine refused: ${answer.text}`)
    const found = goodJson(path, answer) as Choices
    if (policyVersion !== undefined) checkStamp(answer, to.isAdapter, policyVersion)
    return found
  }
  const completeMany = async (request: SamplingRequest, count: number, signal?: AbortSignal) => {
    const { choices } = await ask(bodyOf(request, count, ''), request.policyVersion, signal)
    if (choices.length !== count) {
      throw new AzrError(
        'engine-unsuitable',
        `The engine answered with ${choices.length} choices instead of ${count}`,
      )
    }
    // All answers have the same prompt.
    const promptIds = new Int32Array(choices[0]?.prompt_token_ids ?? [])
    return choices.map(choice => toCompletion(choice, promptIds, request.end))
  }
  const scoreOne = async (ids: Int32Array, signal?: AbortSignal, to?: Target) => {
    const body = { prompt: Array.from(ids), max_tokens: 0, echo: true, prompt_logprobs: 0 }
    const { choices } = await ask(body, undefined, signal, to)
    const rows = choices[0]?.prompt_logprobs ?? []
    return Float32Array.from(ids.subarray(1), (id, i) => rows[i + 1]?.[id]?.logprob ?? Number.NaN)
  }
  return {
    ...createEncoder(http),
    completeMany,
    async complete(request, signal) {
      const [completion] = await completeMany(request, 1, signal)
      return completion as Completion
    },
    score: (sequences, signal, isBare) =>
      Promise.all(sequences.map(ids => scoreOne(ids, signal, isBare ? base : undefined))),
  }
}
