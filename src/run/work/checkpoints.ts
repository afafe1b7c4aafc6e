/**
 * Checkpoints on disk: when to save, which to load, which to keep. A folder counts only if it has a
 * row and is complete. Otherwise it is skipped, and the redo log replaces it. Bringing the learner
 * to a version is in policy.ts.
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

/** Loads the newest usable checkpoint up to a version; null if there is none. */
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
      await store.event('checkpoint.broken', { step, path, error: 'it has other weights' })
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

/** A checkpoint that was damaged after it was saved is due again. */
export async function isCheckpointDue(
  { config, store }: SavePorts,
  step: number,
): Promise<boolean> {
  if (step % config.checkpoint.every !== 0 && step !== config.steps) return false
  const saved = (await store.read.checkpoints()).find(row => row.step === step)
  return saved === undefined || !isWhole(join(store.folder, saved.path))
}

/** Removes it at once, so that a process that copies it finds all of it or nothing. */
function remove(folder: string): void {
  const aside = join(dirname(folder), `.${basename(folder)}`)
  renameSync(folder, aside)
  rmSync(aside, { recursive: true })
}

/**
 * Deletes what the policy does not keep. An incomplete checkpoint never replaces a complete one.
 */
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

/**
 * Saves the learner's state, and replaces a damaged checkpoint. The folder is completed before its
 * row counts.
 */
export async function saveCheckpoint(ports: SavePorts, step: number): Promise<void> {
  const { store } = ports
  const saved = (await store.read.checkpoints()).find(row => row.step === step)
  const path = saved?.path ?? join('checkpoints', `${formatStep(step)}-${process.pid}`)
  const { weightsHash: weights_hash } = await ports.held().learner.save(join(store.folder, path))
  if (!saved) await store.write([{ table: 'checkpoints', row: { step, path, weights_hash } }])
  await prune(ports)
}
