/**
 * Checkpoints on disk: which is due, which is loaded, which is kept. A folder counts through its row
 * and only if it is whole; one that is not is passed over, and the redo log makes up for it. Not
 * here: bringing the learner to a version, which is policy.ts.
 */
import { existsSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { measureOf } from '../../../domain/best.ts'
import { keptSteps } from '../../../domain/checkpoint.ts'
import { explain, LearnerGone } from '../../../domain/errors.ts'
import { formatStep } from '../../../domain/key.ts'
import { isWhole } from '../../../state/checkpoint-folder.ts'
import type { Reading, Row, Store } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Learner } from '../../engine/types.ts'
import type { Held, Weights } from './held.ts'

type Checkpoint = Row<'checkpoints'>

export type LoadPorts = {
  store: Pick<Store, 'folder' | 'event'> & Reading<'checkpoints'>
}

/** Loads the newest checkpoint up to a version that can be loaded; null where none can. */
export async function loadCheckpoint(
  { store }: LoadPorts,
  learner: Pick<Learner, 'load'>,
  version: number,
): Promise<Weights | null> {
  const rows = await store.read.checkpoints()
  for (const { step, path, weights_hash } of rows.reverse()) {
    const folder = join(store.folder, path)
    if (step > version || !existsSync(folder)) continue
    try {
      const { weightsHash } = await learner.load(folder)
      if (weightsHash === weights_hash) return { version: step, weightsHash }
      await store.event('checkpoint.broken', { step, path, error: 'its weights are others' })
    } catch (error) {
      if (error instanceof LearnerGone) throw error
      await store.event('checkpoint.broken', { step, path, error: explain(error) })
    }
  }
  return null
}

export type SavePorts = {
  config: Config
  store: Pick<Store, 'folder' | 'event' | 'write'> & Reading<'checkpoints' | 'bestStep'>
  held: () => Held<'save'>
}

/** One that was saved and is torn since is due again. */
export async function isCheckpointDue(
  { config, store }: SavePorts,
  step: number,
): Promise<boolean> {
  if (step % config.checkpoint.every !== 0 && step !== config.steps) return false
  const saved = (await store.read.checkpoints()).find(row => row.step === step)
  return saved === undefined || !isWhole(join(store.folder, saved.path))
}

/** Gone at once: whoever copies it meanwhile finds all of it, or nothing. */
function remove(folder: string): void {
  const aside = join(dirname(folder), `.${basename(folder)}`)
  renameSync(folder, aside)
  rmSync(aside, { recursive: true })
}

/** Deletes what the policy does not keep; what is not whole takes the place of none that is. */
async function prune({ config, store }: SavePorts): Promise<void> {
  const folderOf = ({ path }: Checkpoint) => join(store.folder, path)
  const rows = (await store.read.checkpoints()).filter(row => existsSync(folderOf(row)))
  const whole = rows.filter(row => isWhole(folderOf(row)))
  const steps = whole.map(({ step }) => step)
  const best = config.checkpoint.keepBest
    ? await store.read.bestStep(steps, measureOf(config))
    : null
  const kept = keptSteps(steps, config.checkpoint, best?.step ?? null)
  for (const row of rows.filter(({ step }) => !kept.has(step))) {
    remove(folderOf(row))
    await store.event('checkpoint.pruned', { step: row.step })
  }
}

/** Saves what the learner holds, a torn one anew: the folder is written whole, then its row counts. */
export async function saveCheckpoint(ports: SavePorts, step: number): Promise<void> {
  const { store } = ports
  const saved = (await store.read.checkpoints()).find(row => row.step === step)
  const path = saved?.path ?? join('checkpoints', `${formatStep(step)}-${process.pid}`)
  const { weightsHash: weights_hash } = await ports.held().learner.save(join(store.folder, path))
  if (!saved) await store.write([{ table: 'checkpoints', row: { step, path, weights_hash } }])
  await prune(ports)
}
