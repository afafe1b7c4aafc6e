/**
 * The real vLLM on this machine's CPU with a tiny tied model in float32, and the real gate: only where
 * `azr setup engine --device cpu` was run. Weights that differ, as equal ones would hide every fault.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema } from '../../src/config.ts'
import { createHttp } from '../../src/engine/http.ts'
import { startLearner } from '../../src/engine/learner.ts'
import { learnerOf } from '../../src/engine/learner-settings.ts'
import { callWorkers } from '../../src/engine/load.ts'
import { engineDevice } from '../../src/engine/start.ts'
import type { EngineServer, Learner } from '../../src/engine/types.ts'
import { startVllm, type VllmOptions } from '../../src/engine/vllm.ts'
import { enginePython, locate, python, trainerFolder } from '../../src/paths.ts'
import { probe } from '../../src/work/parity.ts'
import type { Ports } from '../../src/work/ports.ts'
import { engineContract } from '../engine/contract.ts'
import { survivors } from '../run/azr.ts'
import { temporary } from '../temporary.ts'

// Where all tests are skipped no hook runs, so that nothing may be made.
const isHere = engineDevice() === 'cpu'
const folder = isHere ? temporary('vllm-test') : ''
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'engine')
const model = locate('models/micro')
const options: VllmOptions = {
  ...{ python: enginePython, pythonPath: `${trainerFolder}:${fixtures}`, model },
  ...{ logPath: join(folder, 'engine.log'), cacheDir: join(folder, 'cache') },
  ...{ device: 'cpu', dtype: 'float32', threads: 1, maxBatch: 64, maxLength: 256 },
  ...{ kvCacheMb: 256, memoryShare: 0.9, loraRank: 0, sleepLevel: null },
  ...{ concurrency: 80, deadlineMs: 120_000, silenceMs: 60_000 },
  extension: 'faulty_weights.Faulty',
}

/** The same model with every tensor changed a little. */
function changedModel(name: string, seed: number): string {
  if (!isHere) return ''
  const made = join(folder, name)
  cpSync(model, made, { recursive: true })
  const file = JSON.stringify(join(made, 'model.safetensors'))
  const code =
    'import torch; from safetensors.torch import load_file, save_file\n' +
    `torch.manual_seed(${seed}); t = load_file(${file})\n` +
    `save_file({k: v + 0.05 * v.std() * torch.randn_like(v) if v.numel() > 1 else v ` +
    `for k, v in t.items()}, ${file}, metadata={"format": "pt"})`
  const { status, stderr } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return made
}

const prompt = '<D>def f(a):\n return a + 3<I>4<S>'
const bytes = (ids: Int32Array) => new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)

describe.skipIf(!isHere)('vLLM', () => {
  let server: EngineServer
  let learner: Learner
  beforeAll(async () => {
    server = await startVllm(options)
    learner = await startLearner({
      ...{ python, pythonPath: trainerFolder, ...learnerOf(configSchema.parse({}), model) },
      ...{ threads: 1, deadlineMs: 120_000 },
      ...{ logPath: join(folder, 'learner.log'), cacheDir: options.cacheDir },
    })
  }, 900_000)
  afterAll(async () => {
    await Promise.all([server?.stop(), learner?.stop()])
  }, 60_000)

  engineContract(() => server, 1e-4, model)

  describe('the parity gate', () => {
    const one = changedModel('one', 1)
    const two = changedModel('two', 2)
    const workers = (method: string, kwargs: Record<string, unknown>) => {
      const http = createHttp({ ...options, url: server.url, death: () => null })
      return callWorkers(http, method, kwargs).finally(() => http.close())
    }
    const breakIt = (fault: string) => workers('azr_break', { fault })
    let version = 0
    let lastScores: Float32Array[] | null = null

    /** A short prompt, and one that fills a block of the prefix cache. */
    async function probesOf(): Promise<Uint8Array[][]> {
      const ask = { maxTokens: 16, temperature: 1, topP: 1, seed: 5, stop: [] }
      const found = [prompt, prompt.repeat(8)].map(text =>
        server.sampler.complete({ ...ask, prompt: text }),
      )
      return (await Promise.all(found)).map(({ promptIds, ids }) => [bytes(promptIds), bytes(ids)])
    }

    /** What the gate says of the engine where the learner holds the weights of `path`. */
    async function gate(path: string, parts: Uint8Array[][]) {
      await learner.load(path)
      const read = {
        ...{ seedRollouts: async () => parts.map((_, i) => i), policy: async () => ({}) },
        sequences: async () => parts,
      }
      const ports = {
        config: { seed: 1, parity: { tolerance: 1e-3, probes: parts.length } },
        store: { read, event: async () => {} },
        session: { isSeeded: true },
        ...{ engine: () => server, learner: () => learner },
        ...{ policy: { version }, held: { version, weightsHash: '' }, lastScores },
      } as unknown as Ports
      const found = await probe(ports, version, AbortSignal.timeout(60_000))
      lastScores = ports.lastScores
      if (found.type !== 'policy.probed') throw new Error(found.type)
      return found
    }
    const load = (path: string) => server.load(path, ++version)

    test('passes new weights of a tied model', async () => {
      const parts = await probesOf()
      for (const path of [one, two]) {
        await load(path)
        const { passed, largest } = await gate(path, parts)
        expect(passed, `${largest}`).toBe(true)
        expect(largest).toBeLessThan(1e-4)
      }
    })

    test.each([
      ['skipped load', /as the policy before/],
      ['version before', /as the policy before/],
      ['stale head', /neither this policy nor the one before.*stale output head/],
    ])('catches: %s', async (fault, suspect) => {
      const parts = await probesOf()
      await load(one)
      expect((await gate(one, parts)).passed).toBe(true)
      await breakIt(fault)
      await load(two)
      const { passed, suspect: named } = await gate(two, parts)
      await breakIt('')
      expect(passed).toBe(false)
      expect(named).toMatch(suspect)
      await load(two)
      expect((await gate(two, parts)).passed).toBe(true)
    })

    test('catches: stale prefix cache', async () => {
      await load(one)
      const parts = await probesOf()
      await workers('azr_load', { path: two, version: ++version })
      const { passed, suspect } = await gate(two, parts)
      expect(passed).toBe(false)
      expect(suspect).toMatch(/stale prefix cache/)
    })

    test('a truncated file is refused before anything is touched', async () => {
      await load(one)
      const parts = await probesOf()
      const broken = changedModel('broken', 3)
      const file = join(broken, 'model.safetensors')
      writeFileSync(file, readFileSync(file).subarray(0, 100_000))
      await expect(server.load(broken, version + 1)).rejects.toThrow(/file not fully covered/)
      await load(one)
      expect((await gate(one, parts)).passed).toBe(true)
    })
  })

  test('leaves nothing behind when it is killed, in memory or on disk', async () => {
    const [pid = 0] = server.pids()
    const group = readdirSync('/proc').flatMap(name => {
      if (!/^\d+$/.test(name)) return []
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return Number(fields[2]) === pid ? [Number(name)] : []
      } catch {
        return []
      }
    })
    expect(group.length).toBeGreaterThanOrEqual(4)
    const [note = ''] = readdirSync(join(options.cacheDir, 'engines'))
    const { names, folder: shared } = JSON.parse(
      readFileSync(join(options.cacheDir, 'engines', note), 'utf8'),
    )
    expect(names.length).toBeGreaterThan(0)
    // The server's own parent: its engine and workers would live on.
    process.kill(group.find(member => member !== pid) as number, 'SIGKILL')
    await expect(server.gone).rejects.toThrow(/engine/i)
    expect(await survivors(group, 8000)).toEqual([])
    const left = names.filter((name: string) => readdirSync('/dev/shm').includes(name.slice(9)))
    expect(left).toEqual([])
    expect(readdirSync(tmpdir()).map(name => join(tmpdir(), name))).not.toContain(shared)
  }, 60_000)
})
