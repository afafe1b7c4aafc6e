import { rolloutRow } from '../../bench/store/rows.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import type { Kind, Purpose } from '../../domain/task.ts'
import type { openForWriting } from '../../state/database.ts'
import { tables } from '../../state/schema/index.ts'

export const purposes = ['seed', 'propose', 'estimate', 'solve', 'evaluate'] as const
export const ofProposals = ['accepted', 'refused', 'duplicate'] as const
export const verdicts = ['correct', 'wrong', ...ofProposals, 'none'] as const
export type Made = {
  id: string
  step: number
  purpose: Purpose
  kind: Kind
  role: 'proposer' | 'solver'
  verdict: (typeof verdicts)[number]
  text: string
  finish_reason: 'stop' | 'length'
  suite: string | null
  rate: number
  reward: number | null
  advantage: number | null
  tokens: number
}

/** Four rows of each purpose and kind in each step, evaluations under the names of their suites. */
function madeRows(): Made[] {
  return [0, 1, 2].flatMap(step =>
    purposes.flatMap(purpose =>
      kinds.flatMap(kind =>
        [0, 1, 2, 3].map((n): Made => {
          const part = purpose === 'evaluate' ? `easy${n % 2}:${kind}:greedy` : kind
          const id = `00000${step}.${purpose}.${part}.000${n}.0`
          const role = purpose === 'seed' || purpose === 'propose' ? 'proposer' : 'solver'
          const settled = (['accepted', 'refused', 'accepted', 'duplicate'] as const)[n]
          const answered = n % 2 ? 'wrong' : 'correct'
          const judged = role === 'proposer' && settled ? settled : answered
          const verdict = purpose === 'evaluate' ? 'none' : judged
          const text = n === 1 ? `# a plan\nText ${n} 50%_` : `Text ${n} 50%_`
          const suite = purpose === 'evaluate' ? `easy${n % 2}` : null
          const finish_reason = n === 2 ? 'length' : 'stop'
          const rate = [0, 0.5, 1, 1][n] as number
          const reward = verdict === 'none' ? null : ([-1, 0.25, 1, 1][(n + step) % 4] as number)
          const advantage = purpose === 'solve' && n !== 3 ? n - 1.5 : null
          const figures = { rate, reward, advantage, tokens: 1 + ((n + 2 * step) % 5) }
          return { id, step, purpose, kind, role, verdict, text, suite, finish_reason, ...figures }
        }),
      ),
    ),
  )
}
export const rows = madeRows()

/** Writes all rows, with their grades, tasks and updates. */
export function insert(db: ReturnType<typeof openForWriting>['db']): void {
  for (const [n, { verdict, suite, rate, reward, advantage, tokens, ...row }] of rows.entries()) {
    const logprobs = new Uint8Array(new Float32Array(tokens).fill(-1).buffer)
    const ids = new Uint8Array(new Int32Array(tokens).fill(7).buffer)
    db.insert(tables.rollouts)
      .values({ ...rolloutRow(0), ...row, ids, logprobs })
      .run()
    const { id, step, kind, role } = row
    const success_rate = role === 'proposer' ? rate : null
    const judged = { parsed: null, reason: null, input_hash: 'h', reward, success_rate }
    if (verdict !== 'none') {
      db.insert(tables.grades)
        .values({ id, step, kind, role, verdict, ...judged })
        .run()
    }
    if (suite !== null) {
      const place = { suite, mode: 'greedy' as const, item: n, made_in: step, scratch: false }
      db.insert(tables.evaluation_items)
        .values({ ...place, id, step, kind, verdict: 'wrong', input_hash: 'h' })
        .run()
    }
    if (advantage !== null) {
      db.insert(tables.update_items)
        .values({ step, position: n, rollout_id: id, advantage, weight: 1, minibatch: 0 })
        .run()
    }
    if (role === 'solver') continue
    const task = { program: row.text, normalized: null, pairs: [], message: '', hash: id }
    const settled = { verdict: verdict as (typeof ofProposals)[number], reason: null }
    const all = { ...task, ...settled, id, step, kind, purpose: row.purpose, input_hash: 'h' }
    db.insert(tables.tasks).values(all).run()
  }
}
