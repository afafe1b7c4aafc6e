/** Starts the engine that a config asks for. Before that, checks that it can start. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { cardHere } from '../config/cards.ts'
import type { Config } from '../config/config.ts'
import { shapeIn } from '../config/model.ts'
import { engineFolder, enginePython, python, trainerFolder } from '../config/paths.ts'
import { startEmbeddedEngine } from './embedded.ts'
import { shareOn } from './memory-share.ts'
import { connectPool } from './pool.ts'
import { startSeveral } from './several.ts'
import type { EngineServer } from './types.ts'
import { startVllm, type VllmOptions } from './vllm.ts'

/** The device that the engine's environment was made for; null if there is no environment. */
export function engineDevice(): 'cpu' | 'cuda' | null {
  const stamp = join(engineFolder, '.setup')
  if (!existsSync(enginePython) || !existsSync(stamp)) return null
  return readFileSync(stamp, 'utf8').split('\n')[1] === 'cuda' ? 'cuda' : 'cpu'
}

/** The engine's share of the card. On a CPU there is none. */
function shareOf(config: Config, model: string, device: 'cpu' | 'cuda'): number {
  return device === 'cpu' ? 0 : shareOn(config, shapeIn(model), cardHere(config))
}

/** The options of `vllm` for this config on a device, with a share of its card. */
export function vllmOf(
  { engine }: Config,
  model: string,
  device: 'cpu' | 'cuda',
  memoryShare: number,
) {
  const { dtype, kvCacheMb, loraRank, sleep, maxBatch, maxLength, cards, quantization } = engine
  return {
    model,
    device,
    dtype,
    cards,
    quantization,
    kvCacheMb,
    memoryShare,
    loraRank,
    maxBatch,
    maxLength,
    // An adapter's base never changes, so it may stay in the machine's memory.
    sleepLevel: sleep ? (loraRank > 0 ? 1 : 2) : null,
  } as const
}

export function checkEngine(config: Config, model: string): void {
  const { engine } = config
  if (engine.kind === 'endpoints' && engine.urls.length === 0) {
    throw new UsageError(
      'endpoint-unusable',
      'Cannot sample from endpoints without their URLs: --engine.urls=[http://127.0.0.1:8000]',
    )
  }
  if (engine.kind !== 'vllm') return
  const device = engineDevice()
  const wanted = engine.device === 'auto' ? (device ?? 'auto') : engine.device
  if (device === null) {
    throw new UsageError(
      'engine-missing',
      `Cannot sample with vLLM as it is not installed: \`azr setup engine --device ${wanted}\``,
    )
  }
  if (device !== wanted) {
    throw new UsageError(
      'engine-missing',
      `Cannot sample on ${wanted} as vLLM was installed for ${device}: ` +
        `\`azr setup engine --device ${wanted}\``,
    )
  }
  if (engine.sleep && device === 'cpu') {
    throw new UsageError(
      'knob-unsuitable',
      "Cannot let the engine sleep on a CPU, because it frees only a card's memory: leave " +
        'engine.sleep out',
    )
  }
  shareOf(config, model, device)
}

export type EngineOptions = {
  config: Config
  /** The model's folder, absolute. */
  model: string
  /** The run's folder. */
  folder: string
  cacheDir: string
  /** Called with the progress of a long start. */
  onProgress: (what: string) => void
  /** Called when a server that others started is gone. */
  onLoss: (url: string, why: string) => void
  /** Options of vLLM that `azr doctor --gpu` overrides. */
  vllm?: Partial<VllmOptions>
}

export function startEngine(options: EngineOptions, signal: AbortSignal): Promise<EngineServer> {
  const { config, model, folder, cacheDir, onProgress, onLoss } = options
  const { kind, urls, loraRank, processes, concurrency, threads } = config.engine
  const { maxBatch, maxLength } = config.engine
  const { itemSeconds, tokenSeconds } = config.deadlines
  const common = {
    pythonPath: trainerFolder,
    model,
    cacheDir,
    concurrency,
    threads,
    maxBatch,
    maxLength,
    deadlineMs: itemSeconds * 1000,
    silenceMs: tokenSeconds * 1000,
    logPath: join(folder, 'logs', 'engine.log'),
  }
  switch (kind) {
    case 'embedded':
      return startSeveral(processes, index => {
        const log = index === 0 ? 'engine.log' : `engine-${index + 1}.log`
        const logPath = join(folder, 'logs', log)
        return startEmbeddedEngine({ ...common, python, logPath }, signal)
      })
    case 'vllm': {
      const device = engineDevice() ?? 'cpu'
      return startVllm(
        {
          ...common,
          python: enginePython,
          ...vllmOf(config, model, device, shareOf(config, model, device)),
          onProgress: what => onProgress(`vLLM: ${what}`),
          ...options.vllm,
        },
        signal,
      )
    }
    case 'endpoints': {
      const shared = join(folder, 'policies')
      mkdirSync(shared, { recursive: true })
      return connectPool({ ...common, urls, shared, loraRank, onLoss }, signal)
    }
  }
}
