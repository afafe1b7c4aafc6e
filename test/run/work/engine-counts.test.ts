/** Counts of the engine's prefix cache, step by step, with a scripted vLLM server. */
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

/** A server that we started, or one that others started. */
const serverOf = (pids: number[]) => ({ ...engineOver(http), pids: () => pids })

test('each call returns the counts since the previous one', async () => {
  const server = serverOf([1])
  const counts = createEngineCounts(() => server)
  const two = { asked: 50, cached: 5 }
  fake.prefixes = [{ asked: 1000, cached: 400 }, two]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 1050, 'engine.prefix.cached': 405 })
  fake.prefixes = [{ asked: 1600, cached: 900 }, two]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 600, 'engine.prefix.cached': 500 })
})

test('a restarted engine counts from 0, even if its counts are larger', async () => {
  let server = serverOf([1])
  const counts = createEngineCounts(() => server)
  fake.prefixes = [{ asked: 1000, cached: 900 }]
  await counts()
  server = serverOf([2])
  fake.prefixes = [{ asked: 1300, cached: 200 }]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 1300, 'engine.prefix.cached': 200 })
})

test('counts from before, or without a lost server, are not reported for foreign servers', async () => {
  const pool = serverOf([])
  const counts = createEngineCounts(() => pool)
  fake.prefixes = [
    { asked: 9000, cached: 900 },
    { asked: 500, cached: 50 },
  ]
  expect(await counts()).toEqual({})
  fake.prefixes = [
    { asked: 9100, cached: 950 },
    { asked: 500, cached: 50 },
  ]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 100, 'engine.prefix.cached': 50 })
  fake.prefixes = [{ asked: 600, cached: 60 }]
  expect(await counts()).toEqual({})
  fake.prefixes = [{ asked: 610, cached: 61 }]
  expect(await counts()).toEqual({ 'engine.prefix.asked': 10, 'engine.prefix.cached': 1 })
})

test('nothing is reported for an engine that does not count or is gone', async () => {
  const server = serverOf([1])
  const counts = createEngineCounts(() => server)
  expect(await counts()).toEqual({})
  fake.kill()
  expect(await counts()).toEqual({})
  const starting = createEngineCounts(() => {
    throw new EngineGone('engine-not-ready', 'The engine is being started')
  })
  expect(await starting()).toEqual({})
})

test('an unexpected error is not taken for a missing figure', async () => {
  const counts = createEngineCounts(() => ({
    pids: () => [1],
    prefixCache: async () => {
      throw new TypeError('a bug')
    },
  }))
  await expect(counts()).rejects.toThrow('a bug')
})
