/**
 * Ids of a table, newest first, so many at a time. Ids begin with step, purpose and kind
 * (domain/key.ts): groups of them that nobody wants are leapt over, however large they are.
 * Reads nothing but the index of the ids.
 */
import type { Database } from 'better-sqlite3'
import { formatStep } from '../domain/key.ts'

export type Span = {
  /** Of this step only. */
  step?: number
  /** From this step on. */
  since?: number | undefined
  /** Up to this step. */
  until?: number
  /** Newest first: only those before this id. */
  before?: string | undefined
  limit: number
}

/** Ids to look at, and where they come from. */
export type Wanted = {
  table: 'tasks' | 'rollouts'
  span: Span
  /** Columns that an index of the table has before its id, with their values. */
  equal?: Record<string, string>
  /** Whether ids of this purpose are looked at, and of this kind (`suite:kind:mode` of evaluations). */
  hasPurpose?: (purpose: string) => boolean
  hasKind?: (kind: string) => boolean
}

/** Leaps of one question: a filter that fits nothing would leap through the whole run. */
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

/** The part of an id that it has in common with all that nobody wants; null: it is wanted. */
function unwanted(id: string, { hasPurpose, hasKind }: Wanted): string | null {
  const [step, purpose = '', kind = ''] = id.split('.')
  if (hasPurpose && !hasPurpose(purpose)) return `${step}.${purpose}.`
  if (hasKind && !hasKind(kind)) return `${step}.${purpose}.${kind}.`
  return null
}

export type Walk = {
  /** The next ids, at most so many; none: there are no more, or it leapt too often. */
  next: (count: number) => string[]
  /** Behind which id it goes on; null: nothing is left. */
  rest: () => string | null
  /** Behind which place it goes on after this id. */
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

  /** Where the next group begins that is wanted, which ends at `high`; null: nowhere. */
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
