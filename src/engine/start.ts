/** From a config to a running engine of its kind; and what of it cannot be, before anything starts. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { UsageError } from '../errors.ts'
import { engineFolder, enginePython, python, trainerFolder } from '../paths.ts'
import type { Ports } from '../work/ports.ts'
import { startEmbeddedEngine } from './embedded.ts'
import { connectPool } from './pool.ts'
import { startSeveral } from './several.ts'
import type { EngineServer } from './types.ts'
import { startVllm } from './vllm.ts'

/** The device that the engine's environment was made for; null: there is none. */
export function engineDevice(): 'cpu' | 'cuda' | null {
  const stamp = join(engineFolder, '.setup')
  if (!existsSync(enginePython) || !existsSync(stamp)) return null
  return readFileSync(stamp, 'utf8').split('\n')[1] === 'cuda' ? 'cuda' : 'cpu'
}

export function checkEngine({ engine }: Config): void {
  if (engine.kind === 'endpoints' && engine.urls.length === 0) {
    throw new UsageError(
      'Cannot sample from endpoints without their URLs: --engine.urls=[http://127.0.0.1:8000]',
    )
  }
  if (engine.kind !== 'vllm') return
  const device = engineDevice()
  const wanted = engine.device === 'auto' ? (device ?? 'auto') : engine.device
  if (device === null) {
    throw new UsageError(
      `Cannot sample with vLLM as it is not installed: \`azr setup engine --device ${wanted}\``,
    )
  }
  if (device !== wanted) {
    throw new UsageError(
      `Cannot sample on ${wanted} as vLLM was installed for ${device}: ` +
        `\`azr setup engine --device ${wanted}\``,
    )
  }
  if (engine.sleep && device === 'cpu') {
    throw new UsageError('Cannot let the engine sleep on a CPU, where that frees nothing')
  }
}

export function startEngine(
  ports: Ports,
  cacheDir: string,
  signal: AbortSignal,
): Promise<EngineServer> {
  const { config, store, model } = ports
  const {
    kind,
    urls,
    device,
    dtype,
    kvCacheMb,
    memoryShare,
    loraRank,
    sleep,
    processes,
    ...sizes
  } = config.engine
  const { itemSeconds, tokenSeconds } = config.deadlines
  const common = {
    ...{ pythonPath: trainerFolder, model, cacheDir, ...sizes },
    deadlineMs: itemSeconds * 1000,
    silenceMs: tokenSeconds * 1000,
    logPath: join(store.folder, 'logs', 'engine.log'),
  }
  switch (kind) {
    case 'embedded':
      return startSeveral(processes, index => {
        const log = index === 0 ? 'engine.log' : `engine-${index + 1}.log`
        const logPath = join(store.folder, 'logs', log)
        return startEmbeddedEngine({ ...common, python, logPath }, signal)
      })
    case 'vllm':
      return startVllm(
        {
          ...{ ...common, python: enginePython, dtype, kvCacheMb, memoryShare, loraRank },
          device: engineDevice() ?? 'cpu',
          // An adapter's base never changes, so it may wait in the machine's memory.
          sleepLevel: sleep ? (loraRank > 0 ? 1 : 2) : null,
          onProgress: what => ports.onProgress(`vLLM: ${what}`),
        },
        signal,
      )
    case 'endpoints': {
      const shared = join(store.folder, 'policies')
      mkdirSync(shared, { recursive: true })
      const onLoss = (url: string, why: string) => {
        void store.event('endpoint.lost', { url, why }).catch(() => {})
      }
      return connectPool({ ...common, urls, shared, loraRank, onLoss }, signal)
    }
  }
}
