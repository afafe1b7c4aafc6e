/** The filter that lists the tasks or rollouts behind a figure. */
import type { Place } from './state.ts'

type Query = Place['query']

const roles = ['proposer', 'solver']
/** Curves of self-play do not count held-out answers, so their lists leave these out. */
export const selfPlay = { list: 'rollouts', purpose: 'self-play' }

/** Figures that are shares: their lists show the rows that count. */
const shares: Record<string, Query> = {
  accuracy: { ...selfPlay, role: 'solver', verdict: 'correct' },
  malformed: { ...selfPlay, role: 'solver', verdict: 'malformed' },
  truncated: { ...selfPlay, finish: 'length' },
  learnable: { solved: 'sometimes' },
  valid: { verdict: 'valid' },
  duplicates: { verdict: 'duplicate' },
}
/** Figures of tasks, which are means over accepted ones. */
const ofTasks = ['success', 'complexity', 'editDistance', 'answerDiversity', 'buffer']

/** `length.solver.KIND`: the rollouts of that role and kind. */
export function queryOf(metric: string, kinds: readonly string[]): Query {
  const [name = '', ...rest] = metric.split('.')
  const kind = rest.find(part => kinds.includes(part))
  const role = rest.find(part => roles.includes(part))
  const own = shares[name] ?? (ofTasks.includes(name) ? { verdict: 'accepted' } : selfPlay)
  return { ...own, ...(role && !('solved' in own) ? { role } : {}), ...(kind ? { kind } : {}) }
}
