/** What the engine's prefix cache counted, step by step, from a scripted server of vLLM. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EngineGone } from '../../../domain/errors.ts'
import { createHttp, type Http } from '../../../src/engine/http.ts'
import { engineOver } from '../../../src/engine/server.ts'
import { createEngineCounts } from '../../../src/run/work/engine-counts.ts'
import { type FakeVllm, startFakeVllm } from '../../engine/fake-vllm.ts'

let fake: FakeVllm
let http: Http
beforeEach(async () => {
  fake = await startFakeVllm()
  http = createHttp({ url: fake.url, concurrency: 2, deadlineMs: 5000, death: () => null })
})
afterEach(async () => {
  await http.close()
  await fake.close()
})

test('each call tells what was counted since the one before', async () => {
  const counts = createEngineCounts(() => engineOver(http))
  const two = { asked: 50, cached: 5 }
  fake.prefixes = [{ asked: 1000, cached: 400 }, two]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 1050, 'engine.prefix.cached': 405 })
  fake.prefixes = [{ asked: 1600, cached: 900 }, two]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 600, 'engine.prefix.cached': 500 })
})

test('an engine that was started again counts from nothing', async () => {
  const counts = createEngineCounts(() => engineOver(http))
  fake.prefixes = [{ asked: 1000, cached: 400 }]
  await counts()
  fake.prefixes = [{ asked: 300, cached: 200 }]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 300, 'engine.prefix.cached': 200 })
})

test('nothing is told of an engine that does not count or is gone', async () => {
  const counts = createEngineCounts(() => engineOver(http))
  expect(await counts()).toEqual({})
  fake.kill()
  expect(await counts()).toEqual({})
  const starting = createEngineCounts(() => {
    throw new EngineGone('The engine is being started')
  })
  expect(await starting()).toEqual({})
})

test('what breaks is no missing figure', async () => {
  const counts = createEngineCounts(() => ({
    prefixCache: async () => {
      throw new TypeError('a bug')
    },
  }))
  await expect(counts()).rejects.toThrow('a bug')
})
