/** Checks seeds from elsewhere outside of a run: their outputs, and why one is refused. */
import type { Sandbox } from '../../domain/execution.ts'
import type { Store } from '../../state/types.ts'
import type { CheckPorts } from './work/propose.ts'
import { checkSeed, type Seed } from './work/seeding.ts'

type Ports = Omit<CheckPorts, 'store' | 'room' | 'sandbox'> & { sandbox: Sandbox }

/** Holds rows in memory, where the checks look for executions. */
function createMemory(): Pick<Store, 'cached' | 'memo'> {
  const rows = new Map<string, unknown>()
  const cached = (table: string, id: string) => rows.get(`${table} ${id}`)
  const memo = async (table: string, id: string, _: string, effect: Effect) => {
    const { row, also = [] } = await effect()
    for (const write of [{ table, row }, ...also]) {
      rows.set(`${write.table} ${(write.row as { id: string }).id}`, write.row)
    }
    return cached(table, id)
  }
  return { cached, memo } as Pick<Store, 'cached' | 'memo'>
}

type Effect = () => Promise<{ row: unknown; also?: { table: string; row: unknown }[] }>

/** There is no model to count tokens. The run that uses the seeds does. */
const anyRoom = {
  isEnough: async () => true,
  isSurelyEnough: () => true,
  encode: async () => new Int32Array(),
}

export type CheckedSeed = { seed: Seed; reason: string | null }

export async function checkSeeds(given: Ports, seeds: readonly Seed[]): Promise<CheckedSeed[]> {
  const ports = { ...given, store: createMemory(), room: anyRoom }
  const { signal } = new AbortController()
  const none = {
    of: (): never => {
      throw new Error('A seed has no references')
    },
  }
  const known = new Set<string>()
  return Promise.all(
    seeds.map(async (seed, i): Promise<CheckedSeed> => {
      if (!given.kinds.names.includes(seed.kind)) return { seed, reason: `no kind ${seed.kind}` }
      const { task, reason } = await checkSeed(ports, seed, { tasks: none, index: i + 1 }, signal)
      if (!task) return { seed, reason }
      if (given.config.task.refuseDuplicates && known.has(task.hash)) {
        return { seed, reason: 'duplicate' }
      }
      known.add(task.hash)
      return { seed, reason: null }
    }),
  )
}
