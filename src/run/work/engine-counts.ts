/** What the engine's prefix cache saved, as curves: tokens of prompts that were asked and cached. */
import { EngineGone } from '../../../domain/errors.ts'
import type { EngineServer, PrefixCache } from '../../engine/types.ts'

type Engine = Pick<EngineServer, 'prefixCache'>

/** Long enough for a busy server; figures are not worth more. */
const deadlineMs = 5000

/**
 * Each call gives what was counted since the one before it, so that a run's steps add up. An engine
 * that was started again counts from 0; of one that does not count, or is gone, nothing is told.
 */
export function createEngineCounts(engine: () => Engine) {
  let before: PrefixCache = { asked: 0, cached: 0 }
  return async (): Promise<Record<string, number>> => {
    const now = await look(engine)
    if (now === null) return {}
    const from = now.asked < before.asked ? { asked: 0, cached: 0 } : before
    before = now
    return {
      'engine.prefix.asked': now.asked - from.asked,
      'engine.prefix.cached': now.cached - from.cached,
    }
  }
}

async function look(engine: () => Engine): Promise<PrefixCache | null> {
  try {
    return await engine().prefixCache(AbortSignal.timeout(deadlineMs))
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'TimeoutError'
    if (error instanceof EngineGone || isLate) return null
    throw error
  }
}
