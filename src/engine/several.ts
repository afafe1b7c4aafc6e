/**
 * Several of our servers as one engine. Each request goes to the least busy one, or to the one that
 * just read the same prompt. Weights go to all. If one is gone, the engine is gone. Servers that
 * others started, and that may be lost, are in pool.ts.
 */
import { addUp } from './prefix-cache.ts'
import type { EngineServer, Sampler, SamplingRequest } from './types.ts'

/**
 * The number of prompts that are remembered with their server. A server keeps the keys and values
 * of more.
 */
const remembered = 128
/** How many answers more than the others a server may have open, so that it sees a prompt again. */
const slack = 16

function samplerOver(servers: EngineServer[]): Sampler {
  const open = servers.map(() => 0)
  const lastServer = new Map<SamplingRequest['prompt'], number>()
  const pick = (prompt?: SamplingRequest['prompt']): number => {
    const least = Math.min(...open)
    const last = prompt === undefined ? undefined : lastServer.get(prompt)
    const isFree = last !== undefined && (open[last] as number) - least <= slack
    return isFree ? last : open.indexOf(least)
  }
  const remember = (prompt: SamplingRequest['prompt'], server: number) => {
    lastServer.delete(prompt)
    lastServer.set(prompt, server)
    const [oldest] = lastServer.keys()
    if (lastServer.size > remembered && oldest !== undefined) lastServer.delete(oldest)
  }
  const askOne = async <T>(i: number, size: number, ask: (sampler: Sampler) => Promise<T>) => {
    open[i] = (open[i] as number) + size
    try {
      return await ask((servers[i] as EngineServer).sampler)
    } finally {
      open[i] = (open[i] as number) - size
    }
  }
  const completeMany: Sampler['completeMany'] = (request, count, signal) => {
    const i = pick(request.prompt)
    remember(request.prompt, i)
    return askOne(i, count, sampler => sampler.completeMany(request, count, signal))
  }
  return {
    completeMany,
    chat: (question, signal) => askOne(pick(), 1, sampler => sampler.chat(question, signal)),
    encode: (text, signal) => askOne(pick(), 1, sampler => sampler.encode(text, signal)),
    complete: (request, signal) => askOne(pick(), 1, sampler => sampler.complete(request, signal)),
    score: (sequences, signal, isBare) =>
      askOne(pick(), sequences.length, sampler => sampler.score(sequences, signal, isBare)),
  }
}

export function asOne(servers: EngineServer[]): EngineServer {
  const [first] = servers as [EngineServer]
  if (servers.length === 1) return first
  const all = async (act: (server: EngineServer) => Promise<void>) => {
    await Promise.all(servers.map(act))
  }
  const gone = Promise.race(servers.map(server => server.gone))
  gone.catch(() => {})
  return {
    pids: () => servers.flatMap(server => server.pids()),
    url: first.url,
    sampler: samplerOver(servers),
    warm: signal => all(server => server.warm(signal)),
    drain: signal => all(server => server.drain(signal)),
    load: (path, version, signal) => all(server => server.load(path, version, signal)),
    prefixCache: async signal =>
      addUp(await Promise.all(servers.map(server => server.prefixCache(signal)))),
    sleep: signal => all(server => server.sleep(signal)),
    gone,
    stop: () => all(server => server.stop()),
  }
}

/** Starts all or none: if one cannot start, the others are stopped. */
export async function startSeveral(
  count: number,
  start: (index: number) => Promise<EngineServer>,
): Promise<EngineServer> {
  const starts = await Promise.allSettled(Array.from({ length: count }, (_, i) => start(i)))
  const running = starts.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = starts.find(result => result.status === 'rejected')
  if (failed) {
    await Promise.all(running.map(server => server.stop()))
    throw failed.reason
  }
  return asOne(running)
}
