/** Which device an environment is made for. */
import { existsSync } from 'node:fs'
import { SetupError } from './child.ts'

export type Device = 'cpu' | 'cuda'

/** `auto` is CUDA where the driver has made its device, else the CPU. */
export function deviceOf(asked: string | undefined): Device {
  if (asked === undefined || asked === 'auto') return existsSync('/dev/nvidia0') ? 'cuda' : 'cpu'
  if (asked === 'cpu' || asked === 'cuda') return asked
  throw new SetupError(`Cannot set up for ${asked}: --device is auto, cpu or cuda`)
}
