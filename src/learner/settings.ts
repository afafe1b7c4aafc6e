/** Derives the learner's start options from a config. Before that, checks what is missing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { backendOf } from '../config/backend.ts'
import type { Config } from '../config/config.ts'
import { venv } from '../config/paths.ts'
import type { LearnerOptions } from './learner.ts'

type Given = Omit<LearnerOptions, 'python' | 'pythonPath' | 'logPath' | 'cacheDir'>

/** `base` is the model's folder. */
export function learnerOf(config: Config, base: string): Given {
  const { method, loraRank, loraAlpha, dtype, optimizer, gradientCheckpointing } = config.trainer
  const { threads, device, cards, processes, world, meet, attention } = config.trainer
  const adapters = { method, loraRank, loraAlpha, seed: config.seed, base }
  const memory = { dtype, optimizer, gradientCheckpointing }
  return {
    threads,
    device,
    cards,
    processes,
    world,
    meet,
    microBatchTokens: config.trainer.microBatchTokens,
    settings: { backend: backendOf(config), ...adapters, ...memory, attention },
    deadlineMs: config.deadlines.serviceSeconds * 1000,
  }
}

function sitePackages(): string[] {
  const lib = join(venv, 'lib')
  const pythons = existsSync(lib) ? readdirSync(lib) : []
  return pythons.map(python => join(lib, python, 'site-packages'))
}

/** Looks for the folder without importing it, because an import takes seconds. */
const isInstalled = (name: string) => sitePackages().some(folder => existsSync(join(folder, name)))

/** Whether the installed torch was built for CPUs only; reads a file, without an import. */
export function isCpuTorch(): boolean {
  return sitePackages().some(folder => {
    const file = join(folder, 'torch', 'version.py')
    return existsSync(file) && /^cuda\b.*= None$/m.test(readFileSync(file, 'utf8'))
  })
}

export function checkLearner(config: Config): void {
  const { method, optimizer, device } = config.trainer
  if (device === 'cuda' && isCpuTorch()) {
    throw new UsageError(
      'packages-missing',
      'Cannot train on cuda as the torch that is installed is for CPUs: ' +
        '`azr setup trainer --device cuda`',
    )
  }
  const needed = [
    ...(backendOf(config) === 'transformers' ? ['transformers'] : []),
    ...(method === 'full' ? [] : ['peft']),
    ...(method === 'qlora' || optimizer === 'adamw8bit' ? ['bitsandbytes'] : []),
  ]
  const missing = needed.filter(name => !isInstalled(name))
  if (missing.length > 0) {
    throw new UsageError(
      'packages-missing',
      `Cannot train this model as ${missing.join(' and ')} is not installed: ` +
        `\`azr setup trainer --device ${device}\``,
    )
  }
}
