import { expect, test } from 'vitest'
import { AzrError } from '../../domain/errors.ts'
import type { Http } from '../../src/engine/http.ts'
import { createSampler } from '../../src/engine/sampler.ts'

/**
 * A server that cannot end after a number of end marks, like vLLM: a token may contain more than
 * the end, or part of it.
 */
function serverOf(tokens: string[], change: object = {}) {
  const asked: Record<string, unknown>[] = []
  const text_offset = tokens.map((_, i) => tokens.slice(0, i).join('').length)
  const choice = {
    text: tokens.join(''),
    token_ids: tokens.map((_, i) => i),
    prompt_token_ids: [0],
    logprobs: { token_logprobs: tokens.map((_, i) => -i), text_offset },
    finish_reason: 'length',
    ...change,
  }
  const ask: Http['ask'] = async (_method, _path, body) => {
    asked.push(body as never)
    return { status: 200, text: JSON.stringify({ choices: [choice] }), policy: 0 }
  }
  return { asked, sampler: createSampler({ ask } as Http) }
}

const request = { prompt: 'p', maxTokens: 9, temperature: 1, topP: 1, seed: 1, stop: [] }

test.each([
  ['a token of its own', ['1', ';', '2', ';', '3', ';'], ';', 2, '1;2', 4],
  ['the end begins a token', ['1', ';2', ';3', ';4'], ';', 2, '1;2', 3],
  ['the end is in the middle of one', ['f(1', ')\nf', '(2)\nf(3'], '\n', 2, 'f(1)\nf(2)', 3],
  ['the end is spread over two', ['a', '\n', '\n', 'b'], '\n\n', 1, 'a', 3],
])('text after an end by count is cut: %s', async (_, tokens, text, count, kept, ids) => {
  const { sampler } = serverOf(tokens)
  const found = await sampler.complete({ ...request, end: { text, count } })
  expect(found).toMatchObject({ text: kept, finishReason: 'stop' })
  expect([...found.ids]).toEqual(Array.from({ length: ids }, (_, i) => i))
  expect(found.logprobs.length).toBe(ids)
})

test('without the end nothing is cut', async () => {
  const { asked, sampler } = serverOf(['1', ';', '2'])
  const found = await sampler.complete({ ...request, end: { text: ';', count: 2 } })
  expect(found).toMatchObject({ text: '1;2', finishReason: 'length' })
  expect(found.ids.length).toBe(3)
  expect(asked[0]).toMatchObject({ vllm_xargs: { end_text: ';', end_count: 2 } })
})

test.each([
  [{ logprobs: { token_logprobs: [0, null, -2] } }, 'log-probability null of token 2'],
  [{ logprobs: { token_logprobs: [0, -1, 'NaN'] } }, 'log-probability NaN of token 3'],
  [{ logprobs: { token_logprobs: [0, -1e9, -2] } }, 'log-probability -1000000000 of token 2'],
  [{ logprobs: { token_logprobs: [0, -1] } }, '2 log-probabilities of 3 tokens'],
  [{ logprobs: null }, '0 log-probabilities of 3 tokens'],
])('a completion without all of its log-probabilities is refused: %j', async (change, why) => {
  const { sampler } = serverOf(['1', ';', '2'], change)
  const error = await sampler.complete(request).catch(error => error)
  expect(error).toBeInstanceOf(AzrError)
  expect(error).toMatchObject({ code: 'engine-unsuitable', message: expect.stringContaining(why) })
})
