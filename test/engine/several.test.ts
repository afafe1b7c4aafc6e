/** Several of our servers as one engine. Two real ones are in pool.test.ts. */
import { expect, test } from 'vitest'
import { EngineGone } from '../../domain/errors.ts'
import { asOne, startSeveral } from '../../src/engine/several.ts'
import type { Completion, EngineServer, SamplingRequest } from '../../src/engine/types.ts'

const request: SamplingRequest = {
  prompt: 'p',
  maxTokens: 8,
  temperature: 1,
  topP: 1,
  seed: 0,
  stop: [],
}

/** A server that records its requests, and answers on command. */
function scripted(name: string) {
  const log: string[] = []
  const waiting: (() => void)[] = []
  const { promise: gone, reject } = Promise.withResolvers<never>()
  gone.catch(() => {})
  const note = (what: string) => async () => {
    log.push(what)
  }
  const answer = <T>(what: string, value: T) =>
    new Promise<T>(resolve => {
      log.push(what)
      waiting.push(() => resolve(value))
    })
  const server: EngineServer = {
    pids: () => [name.length],
    url: name,
    sampler: {
      chat: () => answer('chat', ''),
      encode: () => answer('encode', new Int32Array()),
      complete: () => answer('complete', { text: name } as Completion),
      completeMany: (_request, count) => answer(`complete ${count}`, []),
      score: sequences => answer(`score ${sequences.length}`, []),
    },
    warm: note('warm'),
    drain: note('drain'),
    sleep: note('sleep'),
    prefixCache: async () => ({ asked: 10 * name.length, cached: name.length }),
    stop: note('stop'),
    load: async (path, version) => void log.push(`load ${path} ${version}`),
    gone,
  }
  const settle = () => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  return { server, log, settle, die: () => reject(new EngineGone('engine-gone', `${name} ended`)) }
}

test('a request goes to the server with the fewest open answers', async () => {
  const [one, two] = [scripted('one'), scripted('two')]
  const { sampler } = asOne([one.server, two.server])
  const open: Promise<unknown>[] = [
    sampler.completeMany(request, 8),
    ...Array.from({ length: 7 }, () => sampler.complete(request)),
  ]
  expect(one.log).toEqual(['complete 8'])
  expect(two.log).toHaveLength(7)
  two.settle()
  await Promise.all(open.slice(1))
  open.push(sampler.score([new Int32Array(3)]))
  expect(two.log.at(-1)).toBe('score 1')
  one.settle()
  two.settle()
  await Promise.all(open)
})

test('a prompt goes to the same server again, unless that one is much busier', async () => {
  const [one, two] = [scripted('one'), scripted('two')]
  const { sampler } = asOne([one.server, two.server])
  const ask = (prompt: string, count: number) => sampler.completeMany({ ...request, prompt }, count)
  const open = [ask('first', 1), ask('first', 8), ask('second', 1), ask('second', 8)]
  expect(one.log).toEqual(['complete 1', 'complete 8'])
  expect(two.log).toEqual(['complete 1', 'complete 8'])
  open.push(ask('first', 40), ask('first', 2))
  expect(one.log.at(-1)).toBe('complete 40')
  expect(two.log.at(-1)).toBe('complete 2')
  one.settle()
  two.settle()
  await Promise.all(open)
})

test('weights go to every server', async () => {
  const fakes = [scripted('one'), scripted('two')]
  await asOne(fakes.map(({ server }) => server)).load('/weights', 3)
  for (const { log } of fakes) expect(log).toEqual(['load /weights 3'])
})

test('prefix caches are added up', async () => {
  const fakes = [scripted('one'), scripted('three')]
  const found = await asOne(fakes.map(({ server }) => server)).prefixCache()
  expect(found).toEqual({ asked: 80, cached: 8 })
})

test('if one server is gone the engine is gone', async () => {
  const [one, two] = [scripted('one'), scripted('two')]
  const engine = asOne([one.server, two.server])
  two.die()
  await expect(engine.gone).rejects.toThrow(/two ended/)
})

test('if one cannot start the others are stopped', async () => {
  const one = scripted('one')
  const start = async (index: number) => {
    if (index === 1) throw new EngineGone('engine-gone', 'no memory')
    return one.server
  }
  await expect(startSeveral(2, start)).rejects.toThrow('no memory')
  expect(one.log).toEqual(['stop'])
})
