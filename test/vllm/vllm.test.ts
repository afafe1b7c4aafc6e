/** The real vLLM on this machine's CPU, with a tiny tied model: only where `azr setup engine` was run. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { engineDevice } from '../../src/engine/start.ts'
import type { EngineServer } from '../../src/engine/types.ts'
import { startVllm, type VllmOptions } from '../../src/engine/vllm.ts'
import { enginePython, locate, trainerFolder } from '../../src/paths.ts'
import { engineContract } from '../engine/contract.ts'

export const folder = mkdtempSync(join(tmpdir(), 'azr-vllm-test-'))
export const options: VllmOptions = {
  python: enginePython,
  pythonPath: trainerFolder,
  model: locate('models/micro'),
  logPath: join(folder, 'engine.log'),
  cacheDir: join(folder, 'cache'),
  device: 'cpu',
  dtype: 'float32',
  threads: 1,
  maxBatch: 64,
  maxLength: 256,
  kvCacheMb: 256,
  memoryShare: 0.9,
  loraRank: 0,
  sleepLevel: null,
  concurrency: 80,
  deadlineMs: 120_000,
  silenceMs: 60_000,
}

describe.skipIf(engineDevice() !== 'cpu')('vLLM', () => {
  let server: EngineServer
  beforeAll(async () => {
    server = await startVllm(options)
  }, 900_000)
  afterAll(() => server?.stop())

  engineContract(() => server, 1e-4, options.model)
})
