/** Merges a checkpoint that is an adapter into a full model. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AzrError } from '../../domain/errors.ts'
import { reasonIn } from '../config/advice.ts'
import { python, trainerFolder } from '../config/paths.ts'

export const isAdapter = (folder: string) => existsSync(join(folder, 'adapter_config.json'))

/** `base` is the folder of the trained model. `to` is written completely or not at all. */
export function mergeAdapter(base: string, checkpoint: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  const args = ['-m', 'azr_trainer.merge', base, checkpoint, to]
  const env = { ...process.env, PYTHONPATH: trainerFolder, HF_HUB_OFFLINE: '1' }
  const { status, stderr } = spawnSync(python, args, { env, encoding: 'utf8' })
  if (status === 0) return
  throw new AzrError(
    'merge-failed',
    `Cannot merge the adapter ${checkpoint}: ${reasonIn(String(stderr).split('\n'))}`,
  )
}
