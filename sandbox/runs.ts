/**
 * Runs a unit as often as its limits ask: in the lane of each hash seed, and a share of those that
 * met others in a child again alone; where that makes a difference all run alone for a while.
 */

import type { Execution } from '../domain/execution.ts'
import {
  agree,
  executionOf,
  type Finding,
  findingOf,
  type Input,
  isSame,
  isSettled,
} from './agree.ts'
import type { Lane } from './lane.ts'
import type { Tally } from './tally.ts'
import type { Report, Unit } from './unit.ts'

export type Work = Omit<Unit, 'tries' | 'addedAt' | 'settle'>

/** Decides by what a unit is, so that the same one is always audited, or never. */
function isAudited({ code, payload }: Work, oneIn: number): boolean {
  let sum = 0
  for (let i = 0; i < payload.length; i++) sum = (sum * 31 + (payload[i] as number)) >>> 0
  for (let i = Math.max(0, code.length - 64); i < code.length; i++) {
    sum = (sum * 31 + (code[i] as number)) >>> 0
  }
  return sum % oneIn === 0
}

type Result = { found: Finding; report: Report }

// Neither says anything of who else was in the child: a runaway had one of its own.
const ours = new Set(['ungraded', 'timedOut'])

// All runs of one input may take this much wall time together, as a multiple of the CPU limit.
const wallFactor = 12
// After a mismatch so many programs run alone; after the next one twice as many.
const firstRest = 256
const longestRest = 1 << 16

export type Runs = {
  run: (work: Work, input: Input) => Promise<Execution>
  /** How many may share a child now. */
  sharing: () => number
}

/** The lane of a run: 0, 1 … */
export type LaneOf = (run: number) => Lane | Promise<Lane>

const finding = (work: Work, report: Report) => findingOf(report, work.mode, work.limits)

/** Whether programs may share a child: after a mismatch so many programs run alone. */
function createTrust(tally: Tally) {
  let toRunAlone = 0
  let nextRest = firstRest
  return {
    isShaken: () => toRunAlone > 0,
    shake(): void {
      tally.mismatches += 1
      // Several from one child are found together.
      if (toRunAlone > 0) return
      toRunAlone = nextRest
      nextRest = Math.min(2 * nextRest, longestRest)
    },
    /** One more program ran. */
    count(): void {
      if (toRunAlone > 0) toRunAlone -= 1
    },
  }
}

/** Alone in each lane, one after another. */
async function eachAlone(laneOf: LaneOf, work: Work): Promise<Result> {
  const { runs, timeoutMs } = work.limits
  const first = await laneOf(0)
  const report = await first.run({ ...work, wallFactor: wallFactor - 1 })
  let found = finding(work, report)
  let left = wallFactor - report.wallMs / timeoutMs
  // A runaway costs its limit once: a timeout in the first run needs no second.
  for (let i = 1; i < runs && !isSettled(found) && !work.isDropped(); i++) {
    const lane = await laneOf(i)
    const most = Math.min(Math.max(1, left), wallFactor - 1)
    const next = await lane.run({ ...work, wallFactor: most })
    left -= next.wallMs / timeoutMs
    found = agree(found, finding(work, next))
  }
  return { found, report }
}

export function createRuns(
  laneOf: LaneOf,
  tally: Tally,
  { sharing, auditOneIn }: { sharing: number; auditOneIn: number },
): Runs {
  const trust = createTrust(tally)
  const isSharing = () => sharing > 1 && !trust.isShaken()
  /** Runs again what was not the same in all lanes, or not what it is alone. */
  const again = async (work: Work): Promise<Result> => {
    const twice = { ...work.limits, runs: Math.max(2, work.limits.runs) }
    const { found, report } = await eachAlone(laneOf, { ...work, mayShare: false, limits: twice })
    // What differs with itself alone says nothing of its neighbours.
    const isUnsteady = found.outcome === 'nondeterministic'
    if (!isUnsteady && !ours.has(found.outcome)) trust.shake()
    return { found: isUnsteady && work.limits.runs === 1 ? finding(work, report) : found, report }
  }
  /** Alone it has to be what it was among others. */
  const audit = async (work: Work, shared: Result): Promise<Result> => {
    tally.audited += 1
    const lane = await laneOf(0)
    const alone = finding(work, await lane.run({ ...work, mayShare: false }))
    return isSame(alone, shared.found) || ours.has(alone.outcome) ? shared : again(work)
  }
  /** Among others in all lanes; where they differ a neighbour may have done it. */
  const amongOthers = async (work: Work): Promise<Result> => {
    const first = await laneOf(0)
    const report = await first.run(work)
    const found = finding(work, report)
    if (ours.has(found.outcome) || work.isDropped()) return { found, report }
    for (let i = 1; i < work.limits.runs; i++) {
      const lane = await laneOf(i)
      const next = await lane.run(work)
      const isEqual = next.outcome === report.outcome && next.text === report.text
      if (!isEqual && ours.has(next.outcome)) return { found: finding(work, next), report }
      if (!isEqual && !isSame(found, finding(work, next))) return again(work)
    }
    return isAudited(work, auditOneIn) ? audit(work, { found, report }) : { found, report }
  }
  return {
    sharing: () => (isSharing() ? sharing : 1),
    async run(work, input) {
      const isShared = work.mayShare && isSharing()
      trust.count()
      const { found, report } = await (isShared ? amongOthers(work) : eachAlone(laneOf, work))
      tally.outcomes[found.outcome] += 1
      return executionOf(found, report, input)
    },
  }
}
