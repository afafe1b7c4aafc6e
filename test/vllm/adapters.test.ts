/** The real vLLM with adapters, and the real gate, on adapters that our learner wrote. */
import { spawnSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configSchema } from '../../src/config/config.ts'
import { python, trainerFolder } from '../../src/config/paths.ts'
import { createHttp } from '../../src/engine/http.ts'
import type { EngineServer, Learner } from '../../src/engine/types.ts'
import { startVllm } from '../../src/engine/vllm.ts'
import { startLearner } from '../../src/learner/learner.ts'
import { learnerOf } from '../../src/learner/settings.ts'
import { scoredBothWays } from '../engine/contract.ts'
import { temporary } from '../temporary.ts'
import { asLlama, changed, gateOver, isHere, prompt, vllmOptions } from './here.ts'

const folder = isHere ? temporary('vllm-adapters') : ''
const model = isHere ? asLlama(join(folder, 'model')) : ''
const options = vllmOptions(folder, { loraRank: 4, model })
const config = configSchema.parse({
  trainer: { method: 'lora', loraRank: 4, loraAlpha: 8 },
  engine: { kind: 'vllm', dtype: 'float32', loraRank: 4 },
  model: { path: model },
})
const place = (name: string) => join(folder, name)
const file = 'adapter_model.safetensors'

describe.skipIf(!isHere)('vLLM with adapters', () => {
  let server: EngineServer
  let learner: Learner
  beforeAll(async () => {
    server = await startVllm(options)
    learner = await startLearner({
      python,
      pythonPath: trainerFolder,
      ...learnerOf(config, model),
      threads: 1,
      deadlineMs: 120_000,
      logPath: place('learner.log'),
      cacheDir: options.cacheDir,
    })
    await learner.load(model)
    await learner.export(place('fresh'), false)
    changed(place('fresh'), place('one'), file, 1)
    changed(place('fresh'), place('two'), file, 2)
  }, 900_000)
  afterAll(async () => {
    await Promise.all([server?.stop(), learner?.stop()])
  }, 60_000)

  const gate = gateOver({ server: () => server, learner: () => learner, config })
  const ask = { prompt, maxTokens: 24, temperature: 1, topP: 1, seed: 7, stop: [] }

  /** Asks the server directly, without our client. */
  async function asked(method: 'GET' | 'POST', path: string, body?: object): Promise<string> {
    const http = createHttp({ ...options, url: server.url, death: () => null })
    const { text } = await http.ask(method, path, body).finally(() => http.close())
    return text
  }
  async function loadedNames(): Promise<string[]> {
    const { data } = JSON.parse(await asked('GET', '/v1/models')) as { data: { id: string }[] }
    return data.map(({ id }) => id).filter(id => id.startsWith('policy-'))
  }

  test('answers with the adapter that was loaded last, and under its version', async () => {
    const found = []
    for (const name of ['one', 'two', 'one']) {
      const version = gate.next()
      await server.load(place(name), version)
      found.push((await server.sampler.complete({ ...ask, policyVersion: version })).logprobs)
    }
    expect(found[0]).toEqual(found[2])
    expect(found[0]).not.toEqual(found[1])
    expect(await loadedNames()).toHaveLength(1)
  })

  test('scores many at once like one by one', async () => {
    await gate.load(place('one'))
    for (const { together, alone } of await scoredBothWays(server)) expect(together).toEqual(alone)
  })

  test('passes the gate, version after version', async () => {
    const parts = await gate.probesOf()
    for (const name of ['one', 'two', 'one', 'fresh']) {
      await gate.load(place(name))
      const { passed, largest } = await gate.look(place(name), parts)
      expect(passed, `${name}: ${largest}`).toBe(true)
      expect(largest).toBeLessThan(1e-4)
    }
  })

  /** The same adapter with other names of layers. vLLM ignores them without an error. */
  const misnamed = `
import sys; from safetensors.torch import load_file, save_file
t = load_file(sys.argv[1])
save_file({k.replace("model.layers", "model.trunk"): v for k, v in t.items()}, sys.argv[1])`

  test('an adapter that fits no layer is refused before anything changes', async () => {
    cpSync(place('two'), place('misnamed'), { recursive: true })
    const made = spawnSync(python, ['-c', misnamed, join(place('misnamed'), file)])
    expect(made.status).toBe(0)
    await gate.load(place('one'))
    const parts = await gate.probesOf()
    await expect(gate.load(place('misnamed'))).rejects.toThrow(/fits no layer/)
    expect((await gate.look(place('one'), parts)).passed).toBe(true)
  })

  test('catches: an adapter bound to no layer', async () => {
    await gate.load(place('one'))
    const parts = await gate.probesOf()
    expect((await gate.look(place('one'), parts)).passed).toBe(true)
    await gate.breakIt('unchecked adapter')
    await gate.load(place('misnamed'))
    await gate.breakIt('')
    const { passed, suspect } = await gate.look(place('two'), parts)
    expect(passed).toBe(false)
    expect(suspect).toMatch(/bound to no layer/)
  })

  test("catches: the previous version's adapter", async () => {
    await gate.load(place('one'))
    const parts = await gate.probesOf()
    expect((await gate.look(place('one'), parts)).passed).toBe(true)
    await gate.load(place('one'))
    const { passed, suspect } = await gate.look(place('two'), parts)
    expect(passed).toBe(false)
    expect(suspect).toMatch(/like the previous policy/)
  })

  // vLLM's prefix cache identifies an adapter by its name and folder, not by its contents.
  test('catches: a stale adapter with a reused name and folder', async () => {
    const again = place('again')
    cpSync(place('one'), again, { recursive: true })
    await gate.load(again)
    const parts = await gate.probesOf()
    cpSync(place('two'), again, { recursive: true })
    const [lora_name] = await loadedNames()
    const body = { lora_name, lora_path: again, load_inplace: true }
    expect(await asked('POST', '/v1/load_lora_adapter', body)).toMatch(/success/i)
    const { passed, suspect } = await gate.look(place('two'), parts)
    expect(passed).toBe(false)
    expect(suspect).toMatch(/stale adapter/)
  })
})
