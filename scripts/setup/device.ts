/** Decides for which device an environment is made. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { SetupError } from './child.ts'

export type Device = 'cpu' | 'cuda'

/** A container may have any card but the first. WSL has no such device file, but has nvidia-smi. */
function hasCard(): boolean {
  if (readdirSync('/dev').some(name => /^nvidia\d+$/.test(name))) return true
  const { stdout } = spawnSync('nvidia-smi', ['-L'], { encoding: 'utf8', timeout: 5000 })
  return /^GPU \d+:/m.test(stdout ?? '')
}

/** `auto` means CUDA if there is a card, else the CPU. */
export function deviceOf(asked: string | undefined): Device {
  if (asked === undefined || asked === 'auto') return hasCard() ? 'cuda' : 'cpu'
  if (asked === 'cpu' || asked === 'cuda') return asked
  throw new SetupError(
    'device-unknown',
    `Cannot set up for ${asked}: --device is auto, cpu or cuda`,
  )
}
