/**
 * The lanes of a sandbox, one for each run of a program. Lanes of later runs start when they are
 * first needed.
 */
import type { Lane } from './lane.ts'

export type Lanes = {
  of: (run: number) => Promise<Lane>
  /** The lane of a run, once it has started. */
  started: (run: number) => Lane | undefined
  pids: () => number[]
  stop: () => Promise<void>
}

export function createLanes(start: (run: number) => Promise<Lane>): Lanes {
  const starting: Promise<Lane>[] = []
  const started: (Lane | undefined)[] = []
  const begin = async (run: number) => {
    const lane = await start(run)
    started[run] = lane
    return lane
  }
  return {
    of: run => {
      const lane = starting[run] ?? begin(run)
      starting[run] = lane
      // A failed lane is started again at the next request.
      return lane.catch(error => {
        if (starting[run] === lane) delete starting[run]
        throw error
      })
    },
    started: run => started[run],
    pids: () => started.flatMap(lane => lane?.pids() ?? []),
    async stop() {
      const all = await Promise.allSettled(starting)
      await Promise.all(all.map(found => found.status === 'fulfilled' && found.value?.stop()))
    },
  }
}
