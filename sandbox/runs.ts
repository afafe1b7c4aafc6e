/**
 * Runs a unit as often as its limits ask: in the lane of each hash seed, and a share of those that
 * met others in a child again alone, which ends all sharing where it makes a difference.
 */
import { agree, executionOf, findingOf, type Input, isSettled } from './agree.ts'
import type { Lane } from './lane.ts'
import type { Tally } from './tally.ts'
import type { Execution } from './types.ts'
import type { Report, Unit } from './unit.ts'

export type Work = Omit<Unit, 'tries' | 'addedAt' | 'settle'>

/** Decides by what a unit is, so that the same one is always audited, or never. */
function isAudited({ code, payload }: Work, oneIn: number): boolean {
  let sum = 0
  for (const byte of payload) sum = (sum * 31 + byte) >>> 0
  for (const byte of code.subarray(-64)) sum = (sum * 31 + byte) >>> 0
  return sum % oneIn === 0
}

export type Runs = {
  run: (work: Work, input: Input) => Promise<Execution>
  /** How many may share a child now. */
  sharing: () => number
}

export function createRuns(
  lanes: () => readonly [Lane, Lane],
  tally: Tally,
  { sharing, auditOneIn }: { sharing: number; auditOneIn: number },
): Runs {
  let mayShare = sharing > 1

  const twice = async (work: Work): Promise<[ReturnType<typeof findingOf>, Report]> => {
    const [one, two] = lanes()
    const { mode, limits } = work
    const first = await one.run(work)
    const found = findingOf(first, mode, limits)
    // A runaway costs its limit once: a timeout in the first run needs no second.
    if (limits.runs === 1 || isSettled(found) || work.isDropped()) return [found, first]
    const second = await two.run(work)
    if (second.outcome === first.outcome && second.text === first.text) return [found, first]
    return [agree(found, findingOf(second, mode, limits)), first]
  }
  /** Alone it has to be what it was among others, or else not be the same twice alone. */
  const audit = async (work: Work, shared: ReturnType<typeof findingOf>) => {
    tally.audited += 1
    const [alone, report] = await twice({ ...work, isTame: false })
    const isEqual = alone.outcome === shared.outcome && alone.canonical === shared.canonical
    const isDoubtful = ['nondeterministic', 'ungraded', 'timedOut'].includes(alone.outcome)
    if (!isEqual && !isDoubtful) {
      mayShare = false
      tally.mismatches += 1
    }
    return [alone, report] as const
  }
  return {
    sharing: () => (mayShare ? sharing : 1),
    async run(work, input) {
      let [found, report] = await twice(work)
      const isTwice = work.isTame && mayShare && work.limits.runs === 2 && !isSettled(found)
      if (isTwice && isAudited(work, auditOneIn)) [found, report] = await audit(work, found)
      tally.outcomes[found.outcome] += 1
      return executionOf(found, report, input)
    },
  }
}
