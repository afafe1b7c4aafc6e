/** Handles a version of the weights: saves a checkpoint, and gives the weights to the engine. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { formatStep } from '../../../domain/key.ts'
import { givesAdapters } from '../../config/backend.ts'
import { isCheckpointDue, type SavePorts, saveCheckpoint } from './checkpoints.ts'
import type { Held } from './held.ts'
import { bringTo, type RedoPorts } from './redo.ts'

const exportsKept = 2

export async function save(ports: RedoPorts & SavePorts, step: number): Promise<void> {
  if (!(await isCheckpointDue(ports, step))) return
  await bringTo(ports, step)
  await saveCheckpoint(ports, step)
}

export type ExportPorts = Omit<RedoPorts, 'held'> & {
  held: () => Held<'load' | 'update' | 'isExact' | 'export'>
}

/** Keeps this one and the newest: the engine may still read the previous one. */
function pruneExports(folder: string, current: string): void {
  const others = readdirSync(folder).filter(name => name !== current)
  for (const name of others.sort().slice(0, 1 - exportsKept)) {
    rmSync(join(folder, name), { recursive: true })
  }
}

export async function exportPolicy(ports: ExportPorts, version: number): Promise<string> {
  await bringTo(ports, version)
  const name = formatStep(version)
  const path = join('policies', name)
  const merged = !givesAdapters(ports.config)
  const { learner } = ports.held()
  await learner.export(join(ports.store.folder, path), merged)
  pruneExports(join(ports.store.folder, 'policies'), name)
  return path
}
