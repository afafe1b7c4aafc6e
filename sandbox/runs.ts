/**
 * Runs a unit as often as its limits ask, in the lane of each hash seed. A share of those that
 * shared a child run again alone. If that makes a difference, all programs run alone for a while.
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

/** Decides by the unit's content, so that the same unit is always audited, or never. */
function isAudited({ code, payload }: Work, oneIn: number): boolean {
  let sum = 0
  for (let i = 0; i < payload.length; i++) sum = (sum * 31 + (payload[i] as number)) >>> 0
  for (let i = Math.max(0, code.length - 64); i < code.length; i++) {
    sum = (sum * 31 + (code[i] as number)) >>> 0
  }
  return sum % oneIn === 0
}

type Result = { found: Finding; report: Report }

// These outcomes say nothing about neighbours: a runaway had its own child.
const ours = new Set(['ungraded', 'timedOut'])

// The wall time of all runs of one input together, as a multiple of the CPU limit.
const wallFactor = 12
// After a mismatch this many programs run alone, after the next one twice as many.
const firstRest = 256
const longestRest = 1 << 16

export type Runs = {
  run: (work: Work, input: Input) => Promise<Execution>
  /** How many units may share a child now. */
  sharing: () => number
}

/** The lane of a run: 0, 1 … */
export type LaneOf = (run: number) => Lane | Promise<Lane>

const finding = (work: Work, report: Report) => findingOf(report, work.mode, work.limits)

/** Whether programs may share a child. After a mismatch a number of programs run alone. */
function createTrust(tally: Tally) {
  let toRunAlone = 0
  let nextRest = firstRest
  return {
    isShaken: () => toRunAlone > 0,
    shake(): void {
      tally.mismatches += 1
      // Several mismatches from one child are found together and count once.
      if (toRunAlone > 0) return
      toRunAlone = nextRest
      nextRest = Math.min(2 * nextRest, longestRest)
    },
    /** Counts a program that ran. */
    count(): void {
      if (toRunAlone > 0) toRunAlone -= 1
    },
  }
}

/** Runs it alone in each lane, one after another. */
async function eachAlone(laneOf: LaneOf, work: Work): Promise<Result> {
  const { runs, timeoutMs } = work.limits
  const first = await laneOf(0)
  const report = await first.run({ ...work, wallFactor: wallFactor - 1 })
  let found = finding(work, report)
  let left = wallFactor - report.wallMs / timeoutMs
  // A timeout in the first run needs no second, so a runaway costs its limit once.
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
  /** Runs a unit again whose results differed between lanes, or from its result alone. */
  const again = async (work: Work): Promise<Result> => {
    const twice = { ...work.limits, runs: Math.max(2, work.limits.runs) }
    const { found, report } = await eachAlone(laneOf, { ...work, mayShare: false, limits: twice })
    // A unit that differs with itself alone says nothing about its neighbours.
    const isUnsteady = found.outcome === 'nondeterministic'
    if (!isUnsteady && !ours.has(found.outcome)) trust.shake()
    return { found: isUnsteady && work.limits.runs === 1 ? finding(work, report) : found, report }
  }
  /** Its result alone has to equal its result with others. */
  const audit = async (work: Work, shared: Result): Promise<Result> => {
    tally.audited += 1
    const lane = await laneOf(0)
    const alone = finding(work, await lane.run({ ...work, mayShare: false }))
    return isSame(alone, shared.found) || ours.has(alone.outcome) ? shared : again(work)
  }
  /** Runs it with others in all lanes. If they differ, a neighbour may be the cause. */
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
