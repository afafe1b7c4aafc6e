/** Computes the curves of a step by kind and role, from plain rows. Names are dotted. */
import { inOrder } from './kinds/index.ts'
import type { Kind, Role } from './task.ts'

export type GradedRollout = {
  role: Role
  kind: Kind
  purpose: string
  verdict: string
  reward: number | null
  successRate: number | null
  tokens: number
  finishReason: string
}

export const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

const share = <T>(items: readonly T[], test: (item: T) => boolean) =>
  items.length === 0 ? null : items.filter(test).length / items.length

function proposerFigures(rows: readonly GradedRollout[]): Record<string, number | null> {
  const rated = rows.filter(row => row.successRate !== null)
  return {
    valid: share(rows, ({ verdict }) => verdict === 'accepted' || verdict === 'duplicate'),
    duplicates: share(rows, ({ verdict }) => verdict === 'duplicate'),
    learnable: share(rated, ({ successRate: s }) => s !== null && s > 0 && s < 1),
    success: mean(rated.map(row => row.successRate as number)),
  }
}

function solverFigures(rows: readonly GradedRollout[]): Record<string, number | null> {
  return {
    accuracy: share(rows, ({ verdict }) => verdict === 'correct'),
    malformed: share(rows, ({ verdict }) => verdict === 'malformed'),
  }
}

/** Values of a figure by kind: for `valid`, those of `valid.deduction` and so on. */
export function byKind(metrics: Readonly<Record<string, number>>, name: string): [Kind, number][] {
  const kinds = Object.keys(metrics).flatMap(key => {
    const [first, kind, ...rest] = key.split('.')
    return first === name && kind && kind !== 'all' && rest.length === 0 ? [kind] : []
  })
  return inOrder(kinds).map(kind => [kind, metrics[`${name}.${kind}`] as number])
}

/** `reward.proposer.deduction`, `learnable.abduction`, `accuracy.induction`, `length.…` … */
export function stepMetrics(rows: readonly GradedRollout[], kinds: readonly Kind[]) {
  const metrics: Record<string, number> = {}
  const put = (name: string, value: number | null) => {
    if (value !== null && Number.isFinite(value)) metrics[name] = value
  }
  for (const role of ['proposer', 'solver'] as const) {
    for (const kind of [...kinds, 'all'] as const) {
      const mine = rows.filter(row => row.role === role && (kind === 'all' || row.kind === kind))
      const rewards = mine.flatMap(({ reward }) => (reward === null ? [] : [reward]))
      put(`reward.${role}.${kind}`, mean(rewards))
      put(`length.${role}.${kind}`, mean(mine.map(({ tokens }) => tokens)))
      put(
        `truncated.${role}.${kind}`,
        share(mine, ({ finishReason }) => finishReason === 'length'),
      )
      const figures = role === 'proposer' ? proposerFigures(mine) : solverFigures(mine)
      for (const [name, value] of Object.entries(figures)) put(`${name}.${kind}`, value)
    }
  }
  return metrics
}
