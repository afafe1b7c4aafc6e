/** What a figure was counted from: the filter under which its tasks or rollouts are listed. */
import type { Place } from './state.ts'

type Query = Place['query']

const roles = ['proposer', 'solver']
/** Held-out answers are not counted in curves of self-play, and not listed under them. */
export const selfPlay = { list: 'rollouts', purpose: 'self-play' }

/** Figures that are shares: of them the rows that count are shown. */
const shares: Record<string, Query> = {
  accuracy: { ...selfPlay, role: 'solver', verdict: 'correct' },
  malformed: { ...selfPlay, role: 'solver', verdict: 'malformed' },
  truncated: { ...selfPlay, finish: 'length' },
  learnable: { solved: 'sometimes' },
  valid: { verdict: 'valid' },
  duplicates: { verdict: 'duplicate' },
}
/** Figures of tasks: means over those that were accepted. */
const ofTasks = ['success', 'complexity', 'editDistance', 'answerDiversity', 'buffer']

/** `length.solver.KIND`: the rollouts of that role and kind. */
export function queryOf(metric: string, kinds: readonly string[]): Query {
  const [name = '', ...rest] = metric.split('.')
  const kind = rest.find(part => kinds.includes(part))
  const role = rest.find(part => roles.includes(part))
  const own = shares[name] ?? (ofTasks.includes(name) ? { verdict: 'accepted' } : selfPlay)
  return { ...own, ...(role && !('solved' in own) ? { role } : {}), ...(kind ? { kind } : {}) }
}
