/**
 * Lists ids in the order of a figure, page by page, using an index on that figure. A list continues
 * after a cursor, as in walk.ts: here the figure of the last row and its id.
 */
import type { Database } from 'better-sqlite3'
import type { Role } from '../domain/task.ts'
import { boundsOf, type Span, type Walk } from './walk.ts'

export const sorts = ['step', 'reward', 'successRate', 'length', 'advantage'] as const
export type Sort = (typeof sorts)[number]
export type Order = 'asc' | 'desc'

export type RankWanted = {
  table: 'tasks' | 'rollouts'
  span: Span
  sort: Sort
  order: Order
  role?: Role | undefined
}

/** A part of a list. The parts have their own indexes, and are merged. */
type Source = { from: string; id: string; value: string; where?: string }

const roles: readonly Role[] = ['proposer', 'solver']

function sourcesOf({ table, sort, role }: RankWanted): Source[] {
  switch (sort) {
    case 'step':
      return [{ from: table, id: 'id', value: 'step' }]
    case 'successRate':
      return [{ from: 'grades', id: 'id', value: 'success_rate' }]
    case 'advantage':
      return [{ from: 'update_items', id: 'rollout_id', value: 'advantage' }]
    case 'length':
      // The column has two bytes per token (packing.ts), so its length orders rows like their
      // tokens.
      return [{ from: 'rollouts', id: 'id', value: 'length(logprobs)' }]
    case 'reward': {
      const wanted = table === 'tasks' ? ['proposer' as const] : role ? [role] : roles
      return wanted.map(one => {
        return { from: 'grades', id: 'id', value: 'reward', where: `role = '${one}'` }
      })
    }
  }
}

const cursor = /^(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)~(.+)$/

/** Whether a text is a cursor of a ranked list. */
export const isRankCursor = (text: string) => cursor.test(text)

function sqlOf(wanted: RankWanted, hasCursor: boolean): string {
  const { span, order } = wanted
  const isOfStep = span.step !== undefined
  const parts = sourcesOf(wanted).map(({ from, id, value, where }) => {
    const sign = order === 'asc' ? '>' : '<'
    // A plus before a column keeps SQLite from using its index. For one step, SQLite finds the few
    // rows by id and sorts them, because the figure's index covers all steps. For all steps, the
    // figure's index gives the order.
    const [byId, byValue] = isOfStep ? [id, `+${value}`] : [`+${id}`, value]
    const conditions = [
      ...(where ? [where] : []),
      `${value} is not null`,
      `${byId} >= @low and ${byId} < @high`,
      ...(hasCursor ? [`(${byValue}, ${id}) ${sign} (@value, @id)`] : []),
    ]
    return `select ${id} as id, ${byValue} as value from ${from} where ${conditions.join(' and ')}`
  })
  return `${parts.join(' union all ')} order by value ${order}, id ${order} limit @count`
}

type Found = { id: string; value: number }

export function createRank(client: Database, wanted: RankWanted): Walk {
  const [low, high] = boundsOf({ ...wanted.span, before: undefined })
  const given = cursor.exec(wanted.span.before ?? '')
  let last: Found | null = given ? { value: Number(given[1]), id: given[2] as string } : null
  let isOver = false
  const values = new Map<string, number>()
  const cursorOf = (id: string) => `${values.get(id)}~${id}`
  return {
    next(count) {
      if (isOver) return []
      const at = last ? { value: last.value, id: last.id } : {}
      const rows = client
        .prepare(sqlOf(wanted, last !== null))
        .all({ low, high, count, ...at }) as Found[]
      for (const { id, value } of rows) values.set(id, value)
      if (rows.length < count) isOver = true
      last = rows.at(-1) ?? last
      return rows.map(({ id }) => id)
    },
    rest: () => (isOver || !last ? null : `${last.value}~${last.id}`),
    cursorOf,
  }
}
