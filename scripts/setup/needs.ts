/** Checks what an environment for CUDA needs from this machine, before gigabytes are downloaded. */
import { existsSync, statfsSync } from 'node:fs'
import { totalmem } from 'node:os'
import {
  compilerHere,
  type Driver,
  driverHere,
  isTooOld,
  isWsl,
  oldestDriver,
} from '../../lib/nvidia.ts'
import { SetupError } from './child.ts'

export type Needs = {
  part: 'engine' | 'trainer'
  driver: Driver | null
  isWsl: boolean
  compiler: string | null
  freeDiskBytes: number
  memoryBytes: number
}

const gib = 2 ** 30
/** Gigabytes of the installed packages, including the room that pip needs meanwhile. */
const disk = { engine: 16, trainer: 9 }
const memory = 12

/** Lines to print. Throws if the installed packages could not run. */
export function needsOf(needs: Needs): string[] {
  const { part, driver, compiler, freeDiskBytes, memoryBytes } = needs
  if (driver !== null && isTooOld(driver)) {
    throw new SetupError(
      'driver-old',
      `Cannot set up for CUDA with NVIDIA driver ${driver.version}: torch and vLLM are built for ` +
        `CUDA 13, which needs ${oldestDriver} or newer. Install that driver${needs.isWsl ? ' in Windows' : ''}, then run this again`,
    )
  }
  const free = Math.floor(freeDiskBytes / gib)
  const memoryGb = Math.round(memoryBytes / gib)
  return [
    ...(driver === null
      ? [`no NVIDIA driver is seen here: what is installed needs ${oldestDriver} or newer to run`]
      : []),
    ...(part === 'engine' && compiler === null
      ? [
          'vLLM compiles kernels when it first starts, but there is no gcc: sudo apt install ' +
            'gcc python3-dev',
        ]
      : []),
    ...(free < disk[part]
      ? [`only ${free} GB of disk are free, and this may take ${disk[part]}`]
      : []),
    ...(memoryGb < memory
      ? [`only ${memoryGb} GB of memory: presets on a card need ${memory} or more`]
      : []),
    ...(needs.isWsl ? ['this is WSL: nobody has tried azr on a card there'] : []),
  ]
}

function freeDisk(root: string): number {
  const { bavail, bsize } = statfsSync(existsSync(root) ? root : '/')
  return bavail * bsize
}

export const needsHere = (root: string, part: Needs['part']): Needs => {
  return {
    part,
    driver: driverHere(),
    isWsl: isWsl(),
    compiler: compilerHere(),
    freeDiskBytes: freeDisk(root),
    memoryBytes: totalmem(),
  }
}
