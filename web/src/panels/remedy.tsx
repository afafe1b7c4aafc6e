/** A link from an alarm's advice to a fork form that is filled in with it. */
import type { Health } from '../api.ts'
import { addressOf, run } from '../state.ts'

type Alarm = Health['alarms'][number]

const rate = 'trainer.learningRate'

/**
 * Fills in or highlights the knobs that the advice names. A learning rate to be lowered is halved.
 */
function queryOf({ step, advice }: Alarm, config: unknown): Record<string, string> {
  const named = [...advice.matchAll(/\b[a-z]+\.[a-zA-Z]+\b/g)].map(([name]) => name)
  const { trainer } = (config ?? {}) as { trainer?: { learningRate?: number } }
  const now = trainer?.learningRate
  const isLower = /lower trainer\.learningRate/i.test(advice) && now !== undefined
  return {
    at: String(Math.max(0, step - 1)),
    ...(isLower ? { [`set.${rate}`]: String(now / 2) } : {}),
    ...(named.length > 0 ? { show: [...new Set(named)].join(',') } : {}),
  }
}

export function Remedy({ alarm }: { alarm: Alarm }) {
  if (alarm.level !== 'collapse' || run.value === null) return null
  const query = queryOf(alarm, run.value.config)
  const lowered = query[`set.${rate}`]
  return (
    <a class="remedy" href={addressOf({ panel: 'fork', query })}>
      go back to step {query.at}
      {lowered === undefined ? ' and change something' : ` with the learning rate at ${lowered}`}
    </a>
  )
}
