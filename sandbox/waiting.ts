/**
 * Units that wait for a server: those that may share a child by what they share a frame with, the
 * others in line. Many are given out before few slow ones, and while more is on its way a child is
 * filled, but nothing waits for ever. Not here: servers.
 */
import { keyOf, type Unit, ungraded } from './unit.ts'

// How long those that run alone may be held back by batches.
const patienceMs = 500
/** How long units may wait for others to share a child with: a fork costs what ten of them do. */
export const holdMs = 20

export type Batch = { units: Unit[]; isShared: boolean }

export type Waiting = {
  add: (unit: Unit) => void
  /** Puts back what was given out, before all others. */
  putBack: (unit: Unit) => void
  /** The next frame for one of `idle` servers; null when nothing waits, or only for others. */
  take: (idle: number, isMoreComing?: boolean) => Batch | null
  /** Whether units that may share wait. */
  isHolding: () => boolean
  clear: () => Unit[]
}

/** What nobody waits for is settled without being run: whoever counts it is told. */
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
      // The next key has its turn next.
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
