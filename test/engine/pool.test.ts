/** Several servers as one engine: scripted ones for failures, two real ones for the rest. */
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EngineGone } from '../../domain/errors.ts'
import { locate, python, trainerFolder } from '../../src/config/paths.ts'
import { startEmbeddedEngine } from '../../src/engine/embedded.ts'
import { connectPool, serverCommand } from '../../src/engine/pool.ts'
import { asOne } from '../../src/engine/several.ts'
import type { EngineServer } from '../../src/engine/types.ts'
import { temporary } from '../temporary.ts'
import { type FakeVllm, startFakeVllm } from './fake-vllm.ts'

const folder = temporary('pool')
const options = {
  shared: folder,
  maxLength: 256,
  loraRank: 0,
  concurrency: 16,
  deadlineMs: 60_000,
  silenceMs: 60_000,
}
const base = { prompt: 'p', maxTokens: 24, temperature: 1, topP: 1, stop: [] }
const seeds = Array.from({ length: 24 }, (_, i) => i)

test.each([
  [4, '8'],
  [16, '16'],
  [300, '320'],
])('adapters of rank %i need a rank that vLLM accepts: %s', (loraRank, rank) => {
  expect(serverCommand({ maxLength: 8, loraRank })).toContain(` --max-lora-rank ${rank} `)
})

describe('scripted endpoints', () => {
  let fakes: FakeVllm[]
  let pool: EngineServer
  const urls = () => fakes.map(({ url }) => url)
  beforeEach(async () => {
    fakes = await Promise.all([startFakeVllm(), startFakeVllm()])
    pool = await connectPool({ ...options, urls: urls() })
  })
  afterEach(async () => {
    await pool.stop()
    await Promise.all(fakes.map(fake => fake.close()))
  })
  const sampled = () => fakes.map(({ log }) => log.filter(line => /^complete/.test(line)).length)

  test('share the work', async () => {
    await Promise.all(seeds.map(seed => pool.sampler.complete({ ...base, seed })))
    for (const count of sampled()) expect(count).toBeGreaterThanOrEqual(8)
  })

  test('a lost one is replaced by the other, with the same seeds', async () => {
    await pool.load('/weights', 1)
    fakes[0]?.kill()
    const ask = (seed: number) => pool.sampler.complete({ ...base, seed, policyVersion: 1 })
    const found = await Promise.all(seeds.map(ask))
    expect(found.map(({ text }) => text)).toEqual(seeds.map(seed => `answer ${seed}`))
    expect(sampled()[1]).toBe(seeds.length)
  })

  test('if all are lost the engine is gone', async () => {
    for (const fake of fakes) fake.kill()
    await expect(pool.gone).rejects.toThrow(/no endpoint answers/)
    await expect(pool.sampler.complete({ ...base, seed: 1 })).rejects.toThrow(EngineGone)
  })

  test('if all fail their requests the engine is gone, even if they are alive', async () => {
    for (const fake of fakes) fake.fault = 'abort'
    await expect(pool.sampler.complete({ ...base, seed: 1 })).rejects.toThrow(EngineGone)
    await expect(pool.gone).rejects.toThrow(/no endpoint answers/)
  })

  test('a load fails if one of them refuses it', async () => {
    if (fakes[1]) fakes[1].fault = 'load 500'
    await expect(pool.load('/weights', 1)).rejects.toThrow(/shapes differ/)
  })

  test('one that was not started for us is refused with the command', async () => {
    if (fakes[1]) fakes[1].fault = 'no stamp'
    await expect(connectPool({ ...options, urls: urls() })).rejects.toThrow(
      /not started for azr. Start it: .*vllm serve MODEL .*azr_vllm\.stamp\.Stamp/,
    )
  })

  test.each([
    ['logprobs', 'raw_logprobs', /gives raw_logprobs and not processed/],
    ['length', 128, /reads 128 tokens and engine.maxLength is 256/],
    ['rank', 8, /adapters up to rank 8, engine.loraRank is 16/],
  ] as const)('one with unsuitable flags is refused: %s', async (name, value, message) => {
    if (fakes[1]) Object.assign(fakes[1].described, { rank: 16, [name]: value })
    if (fakes[0]) fakes[0].described.rank = 16
    const asked = connectPool({ ...options, urls: urls(), loraRank: 16 })
    await expect(asked).rejects.toThrow(message)
    await expect(asked).rejects.toThrow(/vllm serve MODEL .*--max-lora-rank 16/)
  })

  test('one that does not see our folder is refused', async () => {
    if (fakes[1]) fakes[1].fault = 'another disk'
    await expect(connectPool({ ...options, urls: urls() })).rejects.toThrow(/cannot read/)
  })
})

describe('two real servers', () => {
  let servers: EngineServer[]
  let pool: EngineServer
  const model = locate('models/micro')
  beforeAll(async () => {
    const start = (name: string) =>
      startEmbeddedEngine({
        python,
        pythonPath: trainerFolder,
        model,
        threads: 1,
        maxBatch: 16,
        maxLength: 256,
        logPath: join(folder, `${name}.log`),
        cacheDir: folder,
        concurrency: 32,
        deadlineMs: 60_000,
      })
    servers = await Promise.all([start('one'), start('two')])
    const urls = servers.map(({ url }) => url)
    pool = await connectPool({ ...options, urls })
  })
  afterAll(async () => {
    await pool?.stop()
    await Promise.all(servers.map(server => server.stop()))
  })

  test('of ours answer like one', async () => {
    const both = asOne(servers)
    await both.load(model, 1)
    const ask = (engine: EngineServer) =>
      Promise.all(seeds.map(seed => engine.sampler.complete({ ...base, seed, policyVersion: 1 })))
    expect(await ask(both)).toEqual(await ask(servers[0] as EngineServer))
    expect(both.pids()).toEqual(servers.flatMap(server => server.pids()))
  })

  test('answer like one, even if one is killed meanwhile', async () => {
    await pool.load(model, 1)
    const prompt = '<D>def f(a):\n return a + 3<I>4<S>'
    const ask = (engine: EngineServer) =>
      Promise.all(
        seeds.map(seed => engine.sampler.complete({ ...base, prompt, seed, policyVersion: 1 })),
      )
    const alone = await ask(servers[1] as EngineServer)
    const open = ask(pool)
    process.kill(servers[0]?.pids()[0] as number, 'SIGKILL')
    expect(await open).toEqual(alone)
  })
})
