/** Reads the hits of a server's prefix cache from vLLM's counters. The embedded engine has none. */
import type { Ask, Http } from './http.ts'
import type { PrefixCache } from './types.ts'

const counter = (name: string) => new RegExp(`^vllm:prefix_cache_${name}_total\\S* (\\S+)$`, 'gm')
const [asked, cached] = [counter('queries'), counter('hits')]

/** Null if the server does not count. */
export async function prefixCacheOf(http: Http, ask: Ask = {}): Promise<PrefixCache | null> {
  const { status, text } = await http.ask('GET', '/metrics', undefined, ask)
  const sumOf = (line: RegExp) => {
    const values = Array.from(text.matchAll(line), ([, value]) => Number(value))
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0)
  }
  const found = status === 200 ? [sumOf(asked), sumOf(cached)] : []
  const [all = null, hits = null] = found
  return all === null || hits === null ? null : { asked: all, cached: hits }
}

/** Adds the counts of several servers, without those that do not count. */
export function addUp(caches: (PrefixCache | null)[]): PrefixCache | null {
  const known = caches.filter(cache => cache !== null)
  if (known.length === 0) return null
  const sumOf = (of: (cache: PrefixCache) => number) => known.reduce((sum, c) => sum + of(c), 0)
  return { asked: sumOf(cache => cache.asked), cached: sumOf(cache => cache.cached) }
}
