/**
 * Walks the ids of a table, newest first, in chunks. Ids begin with step, purpose and kind
 * (domain/key.ts), so it skips groups of unwanted ids, however large. It reads only the index of
 * the ids.
 */
import type { Database } from 'better-sqlite3'
import { formatStep } from '../domain/key.ts'

export type Span = {
  /** Only this step. */
  step?: number
  /** From this step on. */
  since?: number | undefined
  /** Up to this step. */
  until?: number
  /** Newest first: only those before this id. */
  before?: string | undefined
  limit: number
}

/** The ids to visit, and their source. */
export type Wanted = {
  table: 'tasks' | 'rollouts'
  span: Span
  /** Columns that precede the id in an index of the table, with their values. */
  equal?: Record<string, string>
  /**
   * Whether ids of this purpose are wanted, and of this kind (`suite:kind:mode` for evaluations).
   */
  hasPurpose?: (purpose: string) => boolean
  hasKind?: (kind: string) => boolean
}

/**
 * The number of groups that one query may skip. A filter without matches would skip through the
 * whole run.
 */
const mostLeaps = 250

/** Greater than every id: ids begin with a digit. */
const end = '~'

export function boundsOf({ step, since, until, before }: Span): [low: string, high: string] {
  const last = step ?? until
  const first = step ?? since
  const high = last === undefined ? end : formatStep(last + 1)
  const low = first === undefined ? '' : formatStep(first)
  return [low, before !== undefined && before < high ? before : high]
}

/** The prefix of an id that all unwanted ids around it share; null if the id is wanted. */
function unwanted(id: string, { hasPurpose, hasKind }: Wanted): string | null {
  const [step, purpose = '', kind = ''] = id.split('.')
  if (hasPurpose && !hasPurpose(purpose)) return `${step}.${purpose}.`
  if (hasKind && !hasKind(kind)) return `${step}.${purpose}.${kind}.`
  return null
}

export type Walk = {
  /** At most `count` further ids. It returns none at the end, or after too many skips. */
  next: (count: number) => string[]
  /** The id after which to continue; null at the end. */
  rest: () => string | null
  /** The cursor of a list that continues after this id. */
  cursorOf: (id: string) => string
}

export function createWalk(client: Database, wanted: Wanted): Walk {
  const { table, span, equal = {}, hasPurpose, hasKind } = wanted
  const same = Object.keys(equal).map(column => `${column} = ? and `)
  const where = `${same.join('')}id >= ? and id < ?`
  const take = client
    .prepare(`select id from ${table} where ${where} order by id desc limit ?`)
    .pluck()
  const find = (low: string, high: string, count: number) =>
    take.all(...Object.values(equal), low, high, count) as string[]
  const isPicky = hasPurpose !== undefined || hasKind !== undefined
  let [low, high] = boundsOf(span)
  let [leaps, isOver] = [0, false]

  /**
   * The start of the next wanted group, where the walk continues below `high`; null if there is
   * none.
   */
  function leap(): string | null {
    while (leaps < mostLeaps) {
      const [id] = find(low, high, 1)
      if (id === undefined) {
        isOver = true
        return null
      }
      const group = unwanted(id, wanted)
      if (group === null) return id.split('.').slice(0, 3).join('.')
      leaps += 1
      high = group
    }
    return null
  }

  return {
    next(count) {
      const from = isPicky ? leap() : low
      if (from === null || isOver) return []
      const ids = find(from, high, count)
      if (ids.length === 0 || (!isPicky && ids.length < count)) isOver = true
      high = ids.at(-1) ?? high
      return ids
    },
    rest: () => (isOver ? null : high),
    cursorOf: id => id,
  }
}
