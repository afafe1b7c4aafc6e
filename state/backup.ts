/**
 * Copies a run while it is going on, so that the copy can be resumed: the database at one moment,
 * then the checkpoints in it. If one is pruned meanwhile, the redo log replaces it.
 */
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { UsageError } from '../domain/errors.ts'
import { copyCheckpoint } from './checkpoint-folder.ts'
import { openUnchanged } from './database.ts'

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Copies everything into `part`. Returns the number of checkpoints. */
function copyRun(folder: string, part: string): number {
  mkdirSync(join(part, 'checkpoints'), { recursive: true })
  const client = openUnchanged(join(folder, 'run.db'))
  try {
    // Reads the state of one moment, whatever is written meanwhile.
    client.prepare('vacuum into ?').run(join(part, 'run.db'))
  } finally {
    client.close()
  }
  const copy = openUnchanged(join(part, 'run.db'))
  const paths = copy.prepare('select path from checkpoints order by step desc').pluck().all()
  copy.close()
  const here = (paths as string[]).filter(path => existsSync(join(folder, path)))
  const copied = here.filter(path => copyCheckpoint(join(folder, path), join(part, path)))
  sync(join(part, 'run.db'))
  return copied.length
}

/** Returns the number of copied checkpoints. If it fails, it leaves nothing behind. */
export function backupRun(folder: string, target: string): number {
  if (existsSync(target))
    throw new UsageError('target-exists', `Cannot back up to ${target} as it exists`)
  const part = join(dirname(target), `.${process.pid}.part`)
  rmSync(part, { recursive: true, force: true })
  try {
    const copied = copyRun(folder, part)
    renameSync(part, target)
    sync(dirname(target))
    return copied
  } catch (error) {
    rmSync(part, { recursive: true, force: true })
    throw error
  }
}
