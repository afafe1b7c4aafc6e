/**
 * What the engine's prefix cache saved, as curves: tokens of prompts that were asked and cached.
 */
import { EngineGone } from '../../../domain/errors.ts'
import type { EngineServer, PrefixCache } from '../../engine/types.ts'

type Engine = Pick<EngineServer, 'prefixCache' | 'pids'>
type Seen = { server: Engine; counted: PrefixCache }

/** Long enough for a busy server; figures are not worth more. */
const deadlineMs = 5000

const none: PrefixCache = { asked: 0, cached: 0 }

/**
 * Each call gives what was counted since the one before it, so that a run's steps add up. An engine
 * that we started again counts from 0; of one that does not count, or is gone, nothing is told. Nor
 * of what servers of others counted before, which was not all ours, or since one of them was lost.
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

/** What an engine had counted when we first asked it for something; null: not known. */
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
