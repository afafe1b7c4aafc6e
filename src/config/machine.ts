/** Finds out what this machine has of what a preset needs: the card, compilers, memory, disk. */
import { existsSync, statfsSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { driverHere, isWsl } from '../../lib/nvidia.ts'
import { cardFindings, type Finding, roomFindings } from './card-findings.ts'
import { cardFor, torchHere } from './cards.ts'
import type { Config } from './config.ts'
import { deviceOf, findShape, fitOn } from './fit/here.ts'

/** The free bytes of the disk on which a folder is or will be. */
function freeDisk(folder: string): number {
  let place = folder
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  const { bavail, bsize } = statfsSync(place)
  return bavail * bsize
}

/** Without a config it checks the card that is there, if any. `home` is the folder of runs. */
export function findingsHere(config: Config | null, home: string): Finding[] {
  const wanted = config !== null && deviceOf(config) === 'cuda'
  const torch = torchHere()
  const card = cardFindings({ wanted, torch, driver: driverHere(), isWsl: isWsl() })
  if (!wanted) return card
  const memoryBytes = totalmem()
  const found = typeof torch === 'string' ? null : cardFor(config, torch.cards)
  try {
    findShape(config)
  } catch {
    // The caller reports a missing model.
    return card
  }
  const fit = fitOn(config, { cores: availableParallelism(), memoryBytes, card: found })
  return [...card, ...roomFindings(fit, { memoryBytes, freeDiskBytes: freeDisk(home) })]
}
