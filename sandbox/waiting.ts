/**
 * Units that wait for a server: those that may share a child are grouped by frame, the others are
 * in line. Groups of many go before few slow ones. While more units are on their way a child is
 * filled, but nothing waits forever.
 */
import { keyOf, type Unit, ungraded } from './unit.ts'

// How long batches may delay units that run alone.
const patienceMs = 500
/**
 * How long units may wait for others to share a child with. A fork costs as much as ten of them.
 */
export const holdMs = 20

export type Batch = { units: Unit[]; isShared: boolean }

export type Waiting = {
  add: (unit: Unit) => void
  /** Puts units back, before all others. */
  putBack: (unit: Unit) => void
  /**
   * The next frame for one of `idle` servers; null if nothing waits, or only units that wait for
   * others.
   */
  take: (idle: number, isMoreComing?: boolean) => Batch | null
  /** Whether units that may share are waiting. */
  isHolding: () => boolean
  clear: () => Unit[]
}

/** Settles unwanted units without running them, and tells their counter. */
function isWanted(unit: Unit): boolean {
  const isDropped = unit.isDropped()
  if (isDropped) unit.settle(ungraded('given up'))
  return !isDropped
}

export function createWaiting(sharing: () => number, isReversed: boolean): Waiting {
  let alone: Unit[] = []
  const sharers = new Map<string, Unit[]>()

  const lineOf = (unit: Unit) => {
    const key = keyOf(unit)
    const line = sharers.get(key) ?? []
    sharers.set(key, line)
    return line
  }
  const takeShared = (idle: number, isMoreComing: boolean): Batch | null => {
    for (const [key, line] of sharers) {
      const most = sharing()
      const isYoung = performance.now() - (line[0] as Unit).addedAt < holdMs
      if (isMoreComing && isYoung && line.length < most) continue
      const size = isMoreComing ? most : Math.min(most, Math.ceil(line.length / idle))
      const units = line.splice(0, Math.max(1, size)).filter(isWanted)
      // Move this key to the end, so that another key is next.
      sharers.delete(key)
      if (line.length > 0) sharers.set(key, line)
      if (units.length === 0) continue
      if (isReversed) units.reverse()
      return { units, isShared: most > 1 }
    }
    return null
  }
  const takeAlone = (): Batch | null => {
    for (let unit = alone.shift(); unit; unit = alone.shift()) {
      if (isWanted(unit)) return { units: [unit], isShared: false }
    }
    return null
  }
  return {
    add: unit => void (unit.mayShare ? lineOf(unit) : alone).push(unit),
    putBack: unit => void (unit.mayShare ? lineOf(unit) : alone).unshift(unit),
    take(idle, isMoreComing = false) {
      const first = alone[0]
      const isLate = first !== undefined && performance.now() - first.addedAt > patienceMs
      return (isLate ? takeAlone() : null) ?? takeShared(idle, isMoreComing) ?? takeAlone()
    },
    isHolding: () => sharers.size > 0,
    clear() {
      const all = [...alone, ...[...sharers.values()].flat()]
      alone = []
      sharers.clear()
      return all
    },
  }
}
