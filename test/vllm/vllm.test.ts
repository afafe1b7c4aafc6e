/** The real vLLM and the real gate, with full weights of a tiny tied model. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema } from '../../src/config/config.ts'
import { python, trainerFolder } from '../../src/config/paths.ts'
import type { EngineServer, Learner } from '../../src/engine/types.ts'
import { startVllm } from '../../src/engine/vllm.ts'
import { startLearner } from '../../src/learner/learner.ts'
import { learnerOf } from '../../src/learner/settings.ts'
import { engineContract } from '../engine/contract.ts'
import { temporary } from '../temporary.ts'
import { childrenOf, survivors } from '../whole/azr.ts'
import { changed, gateOver, groupOf, isHere, model, vllmOptions } from './here.ts'

// If all tests are skipped no hook runs, so nothing may be created.
const folder = isHere ? temporary('vllm-test') : ''
const options = vllmOptions(folder)

const changedModel = (name: string, seed: number) =>
  isHere ? changed(model, join(folder, name), 'model.safetensors', seed) : ''

describe.skipIf(!isHere)('vLLM', () => {
  let server: EngineServer
  let learner: Learner
  beforeAll(async () => {
    server = await startVllm(options)
    learner = await startLearner({
      python,
      pythonPath: trainerFolder,
      ...learnerOf(configSchema.parse({}), model),
      threads: 1,
      deadlineMs: 120_000,
      logPath: join(folder, 'learner.log'),
      cacheDir: options.cacheDir,
    })
  }, 900_000)
  afterAll(async () => {
    await Promise.all([server?.stop(), learner?.stop()])
  }, 60_000)

  engineContract(() => server, 1e-4, model)

  describe('the parity gate', () => {
    const one = changedModel('one', 1)
    const two = changedModel('two', 2)
    const gate = gateOver({ server: () => server, learner: () => learner })

    test('passes new weights of a tied model', async () => {
      const parts = await gate.probesOf()
      for (const path of [one, two]) {
        await gate.load(path)
        const { passed, largest } = await gate.look(path, parts)
        expect(passed, `${largest}`).toBe(true)
        expect(largest).toBeLessThan(1e-4)
      }
    })

    test.each([
      ['skipped load', /like the previous policy/],
      ['previous version', /like the previous policy/],
      ['stale head', /neither this policy nor the previous one.*stale output head/],
    ])('catches: %s', async (fault, suspect) => {
      const parts = await gate.probesOf()
      await gate.load(one)
      expect((await gate.look(one, parts)).passed).toBe(true)
      await gate.breakIt(fault)
      await gate.load(two)
      const { passed, suspect: named } = await gate.look(two, parts)
      await gate.breakIt('')
      expect(passed).toBe(false)
      expect(named).toMatch(suspect)
      await gate.load(two)
      expect((await gate.look(two, parts)).passed).toBe(true)
    })

    test('catches: stale prefix cache', async () => {
      await gate.load(one)
      const parts = await gate.probesOf()
      await gate.workers('azr_load', { path: two, version: gate.next() })
      const { passed, suspect } = await gate.look(two, parts)
      expect(passed).toBe(false)
      expect(suspect).toMatch(/stale prefix cache/)
    })

    test('a truncated file is refused before anything changes', async () => {
      await gate.load(one)
      const parts = await gate.probesOf()
      const broken = changedModel('broken', 3)
      const file = join(broken, 'model.safetensors')
      writeFileSync(file, readFileSync(file).subarray(0, 100_000))
      await expect(gate.load(broken)).rejects.toThrow(/file not fully covered/)
      await gate.load(one)
      expect((await gate.look(one, parts)).passed).toBe(true)
    })
  })

  test('warming refuses log-probabilities from before the temperature', async () => {
    const gate = gateOver({ server: () => server, learner: () => learner })
    await server.warm()
    await gate.breakIt('raw log-probabilities')
    await expect(server.warm()).rejects.toThrow(/before the temperature/)
    await gate.breakIt('')
    await server.warm()
  })

  test('leaves nothing behind when it is killed, in memory or on disk', async () => {
    const [pid = 0] = server.pids()
    const group = groupOf(pid)
    expect(group.length).toBeGreaterThanOrEqual(4)
    const [note = ''] = readdirSync(join(options.cacheDir, 'engines'))
    const { folder: shared } = JSON.parse(
      readFileSync(join(options.cacheDir, 'engines', note), 'utf8'),
    )
    const prefix = shared.slice(shared.lastIndexOf('/') + 1)
    const inMemory = () => readdirSync('/dev/shm').filter(name => name.includes(prefix))
    expect(inMemory().length).toBeGreaterThan(0)
    // Kill the server. Its engine and workers would survive that.
    const [api] = childrenOf(pid, /api_server/)
    process.kill(api as number, 'SIGKILL')
    await expect(server.gone).rejects.toThrow(/engine/i)
    expect(await survivors(group, 8000)).toEqual([])
    expect(inMemory()).toEqual([])
    expect(readdirSync(tmpdir()).map(name => join(tmpdir(), name))).not.toContain(shared)
  }, 60_000)
})
