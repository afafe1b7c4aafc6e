/**
 * `npm run bench:engine [-- --kind embedded|vllm] [--requests N] [--steps N]`: compares the engine
 * through our client with a bare client on the same server, and measures its loads. It compares the
 * embedded engine with transformers' generate, and measures its idle time in a run. Each ratio
 * comes from one run of this script: best of three, alternating.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { configSchema } from '../src/config/config.ts'
import { enginePython, locate, python, trainerFolder } from '../src/config/paths.ts'
import { startEmbeddedEngine } from '../src/engine/embedded.ts'
import type { EngineServer, SamplingRequest } from '../src/engine/types.ts'
import { startVllm } from '../src/engine/vllm.ts'
import { startLearner } from '../src/learner/learner.ts'
import { learnerOf } from '../src/learner/settings.ts'
import { idleOf } from './engine/idle.ts'
import { type Asked, recordedMix } from './engine/recorded.ts'
import { choiceOf, countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:engine --',
  about:
    'Compares the engine through our client with a bare client on the same server, and with ' +
    'generate.',
  flags: {
    kind: { value: 'KIND', about: 'embedded or vllm', default: 'embedded' },
    requests: { value: 'N', about: 'completions per measurement', default: '512' },
    steps: {
      value: 'N',
      about: 'embedded: steps of the run in which idle time is measured',
      default: '4',
    },
  },
}
const values = readOptions(spec)
const kind = choiceOf(spec, values, 'kind', ['embedded', 'vllm'])
const count = countOf(spec, values, 'requests')
const steps = countOf(spec, values, 'steps', 2)
const model = locate('models/micro')
const folder = mkdtempSync(join(tmpdir(), 'azr-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const atOnce = 64
const rounds = 3
/** Rank of the adapters whose load is timed. */
const rank = 8

/** Prompts of the held-out suites, one request each. */
function suitePrompts(count: number): SamplingRequest[] {
  const lines = readFileSync(join(model, 'suites', 'micro-easy-dev.jsonl'), 'utf8').split('\n')
  const tasks = lines.filter(Boolean).map(line => JSON.parse(line))
  const deductions = tasks.filter(({ kind }) => kind === 'deduction')
  return Array.from({ length: count }, (_, seed) => {
    const { program, input } = deductions[seed % deductions.length]
    const prompt = `<D>${program}<I>${input}<S>`
    return { prompt, maxTokens: 96, temperature: 1, topP: 1, seed, stop: [] }
  })
}

function start(loraRank = 0): Promise<EngineServer> {
  const common = {
    pythonPath: trainerFolder,
    model,
    logPath: join(folder, 'engine.log'),
    cacheDir: folder,
    threads: 1,
    maxBatch: atOnce,
    maxLength: 256,
    concurrency: atOnce,
    deadlineMs: 600_000,
    silenceMs: 600_000,
  }
  if (kind === 'embedded') return startEmbeddedEngine({ ...common, python })
  return startVllm({
    ...common,
    python: enginePython,
    device: 'cpu',
    dtype: 'float32',
    cards: null,
    quantization: null,
    kvCacheMb: 256,
    memoryShare: 0.9,
    loraRank,
    sleepLevel: null,
  })
}

async function timeLoad(server: EngineServer, path: string, version: number): Promise<number> {
  const begun = performance.now()
  await server.load(path, version)
  return performance.now() - begun
}

/** Loads an adapter, as our learner writes it, into a server that takes adapters. */
async function timeAdapter(): Promise<number> {
  const config = configSchema.parse({
    engine: { kind: 'vllm', loraRank: rank },
    trainer: { method: 'lora', loraRank: rank },
  })
  const learner = await startLearner({
    python,
    pythonPath: trainerFolder,
    ...learnerOf(config, model),
    cacheDir: folder,
    threads: 1,
    deadlineMs: 600_000,
    logPath: join(folder, 'learner.log'),
  })
  const path = join(folder, 'adapter')
  await learner.load(model)
  await learner.export(path, false)
  await learner.stop()
  const server = await start(rank)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await timeLoad(server, path, round))
  await server.stop()
  return Math.min(...times)
}

type Ask = (asked: Asked) => Promise<number>

/** Keeps `atOnce` answers in flight. Returns tokens per second. */
async function drive(all: readonly Asked[], ask: Ask): Promise<number> {
  const begun = performance.now()
  const flying = new Set<Promise<void>>()
  let tokens = 0
  let open = 0
  const send = async (asked: Asked) => {
    const more = await ask(asked)
    tokens += more
    open -= asked.count
  }
  for (const asked of all) {
    while (open > 0 && open + asked.count > atOnce) await Promise.race(flying)
    open += asked.count
    const sent: Promise<void> = send(asked).finally(() => flying.delete(sent))
    flying.add(sent)
  }
  await Promise.all(flying)
  return (tokens * 1000) / (performance.now() - begun)
}

function bareClient(url: string) {
  const pool = new Pool(url, { connections: atOnce })
  const ask = async ({ request: { prompt, maxTokens, seed } }: Asked) => {
    const fields = { model: 'policy', prompt, max_tokens: maxTokens, temperature: 1, seed }
    const body = JSON.stringify({ ...fields, logprobs: 0, return_token_ids: true })
    const headers = { 'content-type': 'application/json' }
    const answer = await pool.request({ path: '/v1/completions', method: 'POST', headers, body })
    const { choices } = (await answer.body.json()) as { choices: { token_ids: number[] }[] }
    return choices[0]?.token_ids.length ?? 0
  }
  return { ask, close: () => pool.close() }
}

function generate(requests: SamplingRequest[]): number {
  const script = join(import.meta.dirname, 'engine', 'generate.py')
  const input = JSON.stringify(requests)
  const { status, stdout, stderr } = spawnSync(python, [script, model], { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout).tokensPerSecond
}

const requests = suitePrompts(count)
const server = await start()
const ours: Ask = async ({ request, count }) => {
  const answers = await server.sampler.completeMany(request, count)
  return answers.reduce((sum, { ids }) => sum + ids.length, 0)
}
const bare = bareClient(server.url)
const best = { ours: 0, bare: 0, recorded: 0, generate: 0, loadMs: Number.POSITIVE_INFINITY }

/**
 * Figures of the embedded engine: compared with `generate` on the prompts of a run, and its idle
 * time in that run.
 */
async function embeddedFigures(): Promise<void> {
  const { phaseMs, idleMs, path, config } = await idleOf('micro', steps, folder)
  const asked = recordedMix(path, config, count)
  const alone = asked.flatMap(({ request, count }) => Array<SamplingRequest>(count).fill(request))
  for (let round = 0; round < rounds; round++) {
    best.recorded = Math.max(best.recorded, await drive(asked, ours))
    best.generate = Math.max(best.generate, generate(alone))
  }
  const ratio = (best.recorded / best.generate).toFixed(2)
  const share = ((100 * idleMs) / phaseMs).toFixed(1)
  console.log(
    `ours / generate      ${ratio}   (${best.recorded.toFixed(0)} over ${best.generate.toFixed(0)} tok/s, ` +
      `${alone.length} recorded answers to ${asked.length} prompts)`,
  )
  console.log(`idle with work       ${share} %   (of ${(phaseMs / 1000).toFixed(1)} s of sampling)`)
}

try {
  const all = requests.map(request => ({ request, count: 1 }))
  for (let round = 0; round < rounds; round++) {
    best.ours = Math.max(best.ours, await drive(all, ours))
    best.bare = Math.max(best.bare, await drive(all, bare.ask))
    best.loadMs = Math.min(best.loadMs, await timeLoad(server, model, round))
  }
  console.log(`${kind}, ${requests.length} requests, ${atOnce} at once, ${cpus()[0]?.model}`)
  console.log(
    `ours / bare client   ${(best.ours / best.bare).toFixed(3)}   (${best.ours.toFixed(0)} tok/s)`,
  )
  console.log(`load of full weights ${best.loadMs.toFixed(0)} ms`)
  if (kind === 'embedded') await embeddedFigures()
} finally {
  await bare.close()
  await server.stop()
}
if (kind === 'vllm') console.log(`load of an adapter   ${(await timeAdapter()).toFixed(0)} ms`)
