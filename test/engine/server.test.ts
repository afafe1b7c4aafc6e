/** The client and the order of operations, against a scripted server that behaves as vLLM does. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { AzrError, EngineGone, StalePolicy } from '../../domain/errors.ts'
import { createHttp, goodJson, type Http } from '../../src/engine/http.ts'
import { putWeights } from '../../src/engine/load.ts'
import { engineOver } from '../../src/engine/server.ts'
import { watch } from '../../src/engine/watch.ts'
import { temporary } from '../temporary.ts'
import { type FakeVllm, startFakeVllm } from './fake-vllm.ts'

let fake: FakeVllm
let http: Http
const ask = { prompt: 'p', maxTokens: 8, temperature: 1, topP: 1, seed: 7, stop: [] }
const adapter = temporary('adapter')
writeFileSync(join(adapter, 'adapter_config.json'), '{}')

beforeEach(async () => {
  fake = await startFakeVllm()
  http = createHttp({ url: fake.url, concurrency: 8, deadlineMs: 5000, death: () => null })
})
afterEach(async () => {
  await http.close()
  await fake.close()
})

describe('loading', () => {
  test('drains, loads, resets the prefix cache and resumes, in this order', async () => {
    await engineOver(http).load('/weights', 1)
    expect(fake.log).toEqual(['/pause?mode=wait', 'azr_load', '/reset_prefix_cache', '/resume'])
  })

  test('that fails says why, and leaves nothing waiting', async () => {
    fake.fault = 'load 500'
    await expect(engineOver(http).load('/weights', 1)).rejects.toThrow(/shapes differ/)
    expect(fake.log.at(-1)).toBe('/resume')
  })

  test('that is given up resumes the server, before the next warming and load', async () => {
    const engine = engineOver(http)
    fake.fault = 'hang on load'
    const over = new AbortController()
    const first = engine.load('/weights', 1, over.signal)
    first.catch(() => {})
    await expect.poll(() => fake.log).toContain('azr_load')
    fake.fault = null
    over.abort()
    // As the engine's actor does it: a new policy arrives while the first one is being loaded.
    await engine.warm()
    await engine.load('/weights', 2)
    await expect(first).rejects.toThrow()
    const resumes = fake.log.filter(line => /pause|resume/.test(line))
    expect(resumes).toEqual(['/pause?mode=wait', '/resume', '/pause?mode=wait', '/resume'])
    expect((await engine.sampler.complete(ask)).text).toBe('answer 7')
  })

  test('is refused if the prefix cache was not reset', async () => {
    fake.fault = 'refuse reset'
    await expect(engineOver(http).load('/weights', 1)).rejects.toThrow(/prefix cache/)
  })

  test('gives each adapter its own name, and unloads the previous one', async () => {
    const engine = engineOver(http)
    await engine.load(adapter, 1)
    await engine.load(adapter, 2)
    await engine.load(adapter, 2)
    expect(fake.log.filter(line => line.includes('lora'))).toEqual([
      '/v1/load_lora_adapter policy-1',
      '/v1/load_lora_adapter policy-2',
      '/v1/unload_lora_adapter policy-1',
      '/v1/load_lora_adapter policy-2-again',
      '/v1/unload_lora_adapter policy-2',
    ])
    const { text } = await engine.sampler.complete({ ...ask, policyVersion: 2 })
    expect(text).toBe('answer 7')
    await expect(engine.sampler.complete({ ...ask, policyVersion: 1 })).rejects.toThrow(StalePolicy)
  })
})

test('an adapter that fits nothing is refused before anything changes', async () => {
  fake.fault = 'no such layer'
  await expect(engineOver(http).load(adapter, 1)).rejects.toThrow(/fits no layer/)
  expect(fake.log.filter(line => line.includes('lora'))).toEqual([])
  expect(fake.log.at(-1)).toBe('/resume')
})

describe('sharing a card', () => {
  test('weights wake first, and are loaded before keys and values wake', async () => {
    const engine = engineOver(http, 2)
    await engine.sleep()
    await engine.load('/weights', 1)
    expect(fake.log).toEqual([
      '/pause?mode=wait',
      '/sleep?level=2&mode=wait',
      '/wake_up?tags=weights',
      'azr_load',
      '/wake_up?tags=kv_cache',
      '/reset_prefix_cache',
      '/resume',
    ])
    expect((await engine.sampler.complete({ ...ask, policyVersion: 1 })).text).toBe('answer 7')
  })

  test('with adapters only the base leaves the card, and the adapter comes before the keys', async () => {
    const engine = engineOver(http, 1)
    await engine.sleep()
    await engine.load(adapter, 1)
    expect(fake.log).toEqual([
      '/pause?mode=wait',
      '/sleep?level=1&mode=wait',
      '/wake_up?tags=weights',
      'azr_check_adapter',
      '/v1/load_lora_adapter policy-1',
      '/wake_up?tags=kv_cache',
      '/reset_prefix_cache',
      '/resume',
    ])
    expect((await engine.sampler.complete({ ...ask, policyVersion: 1 })).text).toBe('answer 7')
  })

  test('the scripted server recognises wrong orders', async () => {
    await http.post('/sleep?level=2&mode=wait', {})
    await expect(putWeights(http, '/weights', 1)).rejects.toThrow(/weights are asleep/)
    await expect(engineOver(http).sampler.complete(ask)).rejects.toThrow(/asleep/)
    await http.post('/wake_up?tags=weights&tags=kv_cache', {})
    expect((await engineOver(http).sampler.complete(ask)).text).toBe('garbage')
  })

  test('nothing is requested twice: a sleeping engine is neither drained nor put to sleep again', async () => {
    const engine = engineOver(http, 2)
    await engine.sleep()
    await engine.sleep()
    await engine.drain()
    expect(fake.log).toEqual(['/pause?mode=wait', '/sleep?level=2&mode=wait'])
  })

  test.each([
    ['will not sleep', /requests are in flight/],
    ['will not wake', /out of memory/],
    ['refuse reset', /prefix cache/],
  ] as const)('a server that %s cannot be used any more', async (fault, message) => {
    const engine = engineOver(http, 2)
    fake.fault = fault
    const turn = engine.sleep().then(() => engine.load('/weights', 1))
    await expect(turn).rejects.toThrow(message)
    expect(fake.log).not.toContain('/resume')
  })

  test('a failed load leaves it asleep, so nothing is sampled from dropped weights', async () => {
    const engine = engineOver(http, 2)
    await engine.sleep()
    fake.fault = 'load 500'
    await expect(engine.load('/weights', 1)).rejects.toThrow()
    expect(fake.log).not.toContain('/resume')
  })
})

describe('a completion', () => {
  test('of another policy is refused, by the server or by us', async () => {
    const engine = engineOver(http)
    await engine.load('/weights', 3)
    await expect(engine.sampler.complete({ ...ask, policyVersion: 2 })).rejects.toThrow(StalePolicy)
    fake.fault = 'stale stamp'
    await expect(engine.sampler.complete({ ...ask, policyVersion: 3 })).rejects.toThrow(StalePolicy)
    fake.fault = null
    expect((await engine.sampler.complete({ ...ask, policyVersion: 3 })).text).toBe('answer 7')
  })

  test('that the server aborted does not count', async () => {
    fake.fault = 'abort'
    await expect(engineOver(http).sampler.complete(ask)).rejects.toThrow(EngineGone)
  })
})

describe('warming finds a server that', () => {
  test.each([
    ['no ids', /no token ids or log-probabilities/],
    ['no scores', /no log-probabilities of a prompt/],
    ['raw log-probabilities', /before the temperature.*--logprobs-mode processed_logprobs/],
  ] as const)('gives %s', async (fault, message) => {
    fake.fault = fault
    await expect(engineOver(http).warm()).rejects.toThrow(message)
  })

  test('is well, and accepts it', () => engineOver(http).warm())

  test('is well, even if its model finds all tokens nearly equal', () => {
    fake.fault = 'nearly flat'
    return engineOver(http).warm()
  })
})

describe('watching', () => {
  const signal = new AbortController().signal

  test('a dead server is noticed within 2 s', async () => {
    const begun = performance.now()
    const gone = watch(http, { silenceMs: 60_000, everyMs: 300, signal })
    fake.kill()
    await expect(gone).rejects.toThrow(/is gone/)
    expect(performance.now() - begun).toBeLessThan(2000)
  })

  test('a server that gives no token hangs after its allowed silence', async () => {
    fake.fault = 'hang'
    const open = engineOver(http).sampler.complete(ask)
    open.catch(() => {})
    await expect(watch(http, { silenceMs: 400, everyMs: 100, signal })).rejects.toThrow(/hangs/)
  })

  test('a server without work may be silent', async () => {
    const over = new AbortController()
    const gone = watch(http, { silenceMs: 100, everyMs: 50, signal: over.signal })
    setTimeout(() => over.abort(new Error('stopped')), 600)
    await expect(gone).rejects.toThrow(/stopped|aborted/)
  })
})

test('an answer from a server with a dead engine is a death, other errors are not', () => {
  const text = '{"error":{"message":"EngineCore encountered an issue.","code":500}}'
  const read = (status: number, text: string) => () =>
    goodJson('/v1/completions', { status, text, policy: null })
  expect(read(500, text)).toThrow(EngineGone)
  expect(read(500, '{"error":{"message":"no such thing"}}')).not.toThrow(EngineGone)
  expect(read(500, '{"error":{"message":"no such thing"}}')).toThrow(/500.*no such thing/)
  expect(read(200, text)()).toMatchObject({ error: { code: 500 } })
})

test('a request that takes too long names the knob that covers all answers to a prompt', async () => {
  fake.fault = 'hang'
  const hasty = createHttp({ url: fake.url, concurrency: 1, deadlineMs: 300, death: () => null })
  const answers = engineOver(hasty).sampler.completeMany(ask, 8)
  await expect(answers).rejects.toThrow(EngineGone)
  await expect(answers).rejects.toThrow(
    /completions within 0.3 s: deadlines.itemSeconds .* all answers/,
  )
  await hasty.close()
})

test('NaN, which JSON does not have, is an error of the engine', () => {
  const answer = { status: 200, text: '{"token_logprobs": [NaN]}', policy: null }
  expect(() => goodJson('/v1/completions', answer)).toThrow(AzrError)
  expect(() => goodJson('/v1/completions', answer)).toThrow(
    /\/v1\/completions with text that is not/,
  )
})
