/** A short run in its own folder: the peak memory of its children, and the time of its steps. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { startWorld } from '../../src/run/world.ts'
import { openRun } from '../../state/open.ts'
import type { NewRow } from '../../state/types.ts'
import { watchPeaks } from './peak.ts'

export type Measured = { learner: number; engine: number; rows: NewRow<'steps'>[] }

const commandOf = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/** A short run of a config, the peaks of its children, and its steps after the first two rows. */
export async function ofRun(config: Config, folder: string): Promise<Measured> {
  const rows: NewRow<'steps'>[] = []
  const row = { name: 'plan', preset: 'plan', seed: 1, config, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(folder, 'plan', row)
  const onStep = (row: NewRow<'steps'>) => void rows.push(row)
  const world = await startWorld({ store, config, cacheDir: join(folder, 'cache'), onStep })
  const having = (name: string) => world.pids().filter(pid => commandOf(pid).includes(name))
  const peaks = watchPeaks(() => {
    return {
      learner: having('azr_trainer'),
      engine: [...having('azr_engine'), ...having('azr_vllm')],
    }
  })
  try {
    await world.done
    peaks.stop()
  } finally {
    peaks.stop()
    await world.stop()
    await release()
  }
  return { learner: peaks.of('learner'), engine: peaks.of('engine'), rows: rows.slice(2) }
}
