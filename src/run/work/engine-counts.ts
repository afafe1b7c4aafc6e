/** Curves of the engine's prefix cache: prompt tokens that were asked, and those found. */
import { EngineGone } from '../../../domain/errors.ts'
import type { EngineServer, PrefixCache } from '../../engine/types.ts'

type Engine = Pick<EngineServer, 'prefixCache' | 'pids'>
type Seen = { server: Engine; counted: PrefixCache }

/** Long enough for a busy server. The figures are not worth a longer wait. */
const deadlineMs = 5000

const none: PrefixCache = { asked: 0, cached: 0 }

/**
 * Each call returns the counts since the last one, so that the steps of a run add up. An engine
 * that we restarted counts from 0. Nothing is reported for an engine that does not count, or is
 * gone. The same holds for earlier counts of servers that others started, and after one of them is
 * lost.
 */
export function createEngineCounts(engine: () => Engine) {
  let last: Seen | null = null
  return async (): Promise<Record<string, number>> => {
    const seen = await look(engine)
    if (seen === null) return {}
    const from = last?.server === seen.server ? last.counted : startOf(seen.server)
    last = seen
    if (from === null) return {}
    const asked = seen.counted.asked - from.asked
    const cached = seen.counted.cached - from.cached
    if (asked < 0 || cached < 0) return {}
    return { 'engine.prefix.asked': asked, 'engine.prefix.cached': cached }
  }
}

/** The counts of an engine when we first asked it; null if unknown. */
const startOf = (server: Engine) => (server.pids().length > 0 ? none : null)

async function look(engine: () => Engine): Promise<Seen | null> {
  try {
    const server = engine()
    const counted = await server.prefixCache(AbortSignal.timeout(deadlineMs))
    return counted && { server, counted }
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    if (error instanceof EngineGone || isLate) return null
    throw error
  }
}
