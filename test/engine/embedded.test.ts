import { readdirSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EngineGone } from '../../domain/errors.ts'
import { locate, python, trainerFolder } from '../../src/config/paths.ts'
import { startEmbeddedEngine } from '../../src/engine/embedded.ts'
import type { EngineServer } from '../../src/engine/types.ts'
import { temporary } from '../temporary.ts'
import { engineContract } from './contract.ts'

const folder = temporary('engine')
const options = {
  python,
  pythonPath: trainerFolder,
  model: locate('models/micro'),
  logPath: join(folder, 'engine.log'),
  cacheDir: join(folder, 'cache'),
  threads: 1,
  maxBatch: 64,
  maxLength: 256,
  concurrency: 80,
  deadlineMs: 60_000,
}
let server: EngineServer
beforeAll(async () => {
  server = await startEmbeddedEngine(options)
})
afterAll(() => server.stop())

engineContract(() => server, 1e-5, options.model)

describe('the embedded engine', () => {
  test('says why it cannot start', async () => {
    const broken = { ...options, model: '/nowhere' }
    await expect(startEmbeddedEngine(broken)).rejects.toThrow(EngineGone)
    await expect(startEmbeddedEngine(broken)).rejects.toThrow(/nowhere/)
  })

  test('all its threads have a lower priority than ours', () => {
    const [pid] = server.pids()
    const threads = readdirSync(`/proc/${pid}/task`).map(Number)
    expect(threads.length).toBeGreaterThan(1)
    const nice = new Set(threads.map(thread => getPriority(thread)))
    expect([...nice]).toEqual([Math.min(19, getPriority() + 5)])
  })

  test('its death rejects open and later requests, with its reason', async () => {
    const other = await startEmbeddedEngine({ ...options, logPath: join(folder, 'other.log') })
    const request = { prompt: '<D>', maxTokens: 200, temperature: 3, topP: 1, seed: 1, stop: [] }
    const open = other.sampler.complete(request)
    process.kill(other.pids()[0] as number, 'SIGKILL')
    await expect(open).rejects.toThrow(EngineGone)
    await expect(other.gone).rejects.toThrow(/SIGKILL/)
    await expect(other.sampler.complete(request)).rejects.toThrow(EngineGone)
    await other.stop()
  })
})
