/**
 * Common parts of the tests of the real vLLM: the tiny tied model in float32 on this machine's CPU,
 * and the parity gate. All weights differ, because equal ones would hide every fault.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { configSchema } from '../../src/config/config.ts'
import { enginePython, locate, python, trainerFolder } from '../../src/config/paths.ts'
import { createHttp } from '../../src/engine/http.ts'
import { callWorkers } from '../../src/engine/load.ts'
import { engineDevice } from '../../src/engine/start.ts'
import type { EngineServer, Learner } from '../../src/engine/types.ts'
import type { VllmOptions } from '../../src/engine/vllm.ts'
import { createGate } from '../../src/run/work/parity.ts'

/** These tests run only after `azr setup engine --device cpu`. */
export const isHere = engineDevice() === 'cpu'
export const model = locate('models/micro')
export const prompt = '<D>def f(a):\n return a + 3<I>4<S>'
const fixtures = join(import.meta.dirname, '..', 'fixtures', 'engine')

export function vllmOptions(folder: string, over: Partial<VllmOptions> = {}): VllmOptions {
  return {
    python: enginePython,
    pythonPath: `${trainerFolder}:${fixtures}`,
    model,
    logPath: join(folder, 'engine.log'),
    cacheDir: join(folder, 'cache'),
    device: 'cpu',
    dtype: 'float32',
    cards: null,
    quantization: null,
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
    extension: 'faulty_weights.Faulty',
    ...over,
  }
}

function runPython(code: string): void {
  const { status, stderr } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
}

/**
 * A copy of a folder with each tensor of its file changed a little. Zeros are replaced by draws.
 */
export function changed(from: string, to: string, file: string, seed: number): string {
  cpSync(from, to, { recursive: true })
  const path = JSON.stringify(join(to, file))
  const code =
    'import torch; from safetensors.torch import load_file, save_file\n' +
    `torch.manual_seed(${seed}); t = load_file(${path})\n` +
    'size = lambda v: float(v.std()) or 0.5\n' +
    'save_file({k: v + 0.05 * size(v) * torch.randn_like(v) if v.numel() > 1 else v ' +
    `for k, v in t.items()}, ${path}, metadata={"format": "pt"})`
  runPython(code)
  return to
}

/**
 * The tiny model as a Llama, whose output head is a separate module in which vLLM has a place for
 * adapters. Llama's bias covers all four projections; the missing one is 0.
 */
export function asLlama(to: string): string {
  cpSync(model, to, { recursive: true })
  const path = JSON.stringify(to)
  const code =
    `import json, torch; from safetensors.torch import load_file, save_file; to = ${path}\n` +
    'config = json.load(open(f"{to}/config.json"))\n' +
    'config |= {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": True}\n' +
    'json.dump(config, open(f"{to}/config.json", "w"))\n' +
    't = load_file(f"{to}/model.safetensors")\n' +
    't |= {k.replace("weight", "bias"): torch.zeros(len(v)) for k, v in t.items() if "o_proj" in k}\n' +
    'save_file(t, f"{to}/model.safetensors", metadata={"format": "pt"})'
  runPython(code)
  return to
}

/** Members of a process group. */
export function groupOf(leader: number): number[] {
  return readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(fields[2]) === leader ? [Number(name)] : []
    } catch {
      return []
    }
  })
}

const bytes = (ids: Int32Array) => new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength)

/**
 * The size of a block in vLLM's prefix cache on a CPU, in tokens. Shorter prompts are not cached.
 */
const block = 128

/** A short prompt, and one that fills a block of the prefix cache. */
async function probesOf(server: EngineServer): Promise<Uint8Array[][]> {
  const ask = { maxTokens: 16, temperature: 1, topP: 1, seed: 5, stop: [] }
  const short = await server.sampler.complete({ ...ask, prompt })
  const times = Math.ceil((block + 1) / short.promptIds.length)
  const long = await server.sampler.complete({ ...ask, prompt: prompt.repeat(times) })
  return [short, long].map(({ promptIds, ids }) => [bytes(promptIds), bytes(ids)])
}

type Held = { server: () => EngineServer; learner: () => Learner; config?: object }

/** The real gate over a server and a learner. It counts its loads. */
export function gateOver({ server, learner, config }: Held) {
  let version = 0
  let parts: Uint8Array[][] = []
  const none = () => Promise.reject(new Error('A gate writes nothing here'))
  const read = {
    seedRollouts: async () => parts.map((_, i) => String(i)),
    policy: async () => ({ version, weights_hash: '', parity_max: 0, parity_mean: 0 }),
    sequences: async () => parts,
    checkpoints: none,
    batch: none,
    update: none,
  }
  const gate = createGate({
    config: configSchema.parse({
      seed: 1,
      engine: { kind: 'vllm', dtype: 'float32', loraRank: 0 },
      trainer: { method: 'full' },
      ...config,
      parity: { tolerance: 1e-3, probes: 2 },
    }),
    store: { folder: '', read, write: none, event: async () => {} },
    model,
    isSeeded: () => true,
    prompts: {},
    engine: server,
    served: () => version,
    held: () => ({ learner: learner(), weights: { version, weightsHash: '' }, fits: null }),
  })
  const workers = (method: string, kwargs: Record<string, unknown>) => {
    const http = createHttp({ ...vllmOptions(''), url: server().url, death: () => null })
    return callWorkers(http, method, kwargs).finally(() => http.close())
  }
  return {
    workers,
    probesOf: () => probesOf(server()),
    /** The next version's number. */
    next: () => ++version,
    async load(path: string) {
      await server().load(path, version + 1)
      version += 1
    },
    /** Breaks one thing from now on; '' breaks nothing. */
    breakIt: (fault: string) => workers('azr_break', { fault }),
    /** The gate's verdict on the engine if the learner holds the weights of `path`. */
    async look(path: string, probes: Uint8Array[][]) {
      await learner().load(path)
      parts = probes
      const found = await gate(version, AbortSignal.timeout(60_000))
      if (found.type !== 'policy.probed') throw new Error(found.type)
      return found
    },
  }
}
