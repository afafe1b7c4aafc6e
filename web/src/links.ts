/** What a figure was counted from: the filter under which its tasks or rollouts are listed. */
import { addressOf } from './state.ts'

export type Query = Record<string, string>

const kinds = ['deduction', 'abduction', 'induction']
const roles = ['proposer', 'solver']
const list = 'rollouts'

/** Figures that are shares: of them the rows that count are shown. */
const shares: Record<string, Query> = {
  accuracy: { list, role: 'solver', verdict: 'correct' },
  malformed: { list, role: 'solver', verdict: 'malformed' },
  truncated: { list, finish: 'length' },
  learnable: { solved: 'sometimes' },
  valid: { verdict: 'accepted' },
  duplicates: { verdict: 'duplicate' },
}
/** Figures of tasks: means over those that were accepted. */
const ofTasks = ['success', 'complexity', 'editDistance', 'answerDiversity', 'buffer']

/** `length.solver.abduction`: the rollouts of that role and kind. */
export function queryOf(metric: string): Query {
  const [name = '', ...rest] = metric.split('.')
  const kind = rest.find(part => kinds.includes(part))
  const role = rest.find(part => roles.includes(part))
  const own = shares[name] ?? (ofTasks.includes(name) ? { verdict: 'accepted' } : { list })
  return { ...own, ...(role && !('solved' in own) ? { role } : {}), ...(kind ? { kind } : {}) }
}

/** Where the rows of a figure at a step are listed. */
export const rowsAt = (query: Query, step: number): string =>
  addressOf({ panel: 'tasks', query: { ...query, step: String(step) } })
