/**
 * `npm run bench:engine [-- --kind embedded|vllm] [--requests N] [--steps N]`: the engine through our
 * client over a bare client on the same server; its loads; the embedded one over transformers'
 * generate, and how long it idles in the steps of a run. Each ratio comes from one run of this script,
 * best of three, arms in turn.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'undici'
import { configSchema } from '../src/config.ts'
import { startEmbeddedEngine } from '../src/engine/embedded.ts'
import { startLearner } from '../src/engine/learner.ts'
import { learnerOf } from '../src/engine/learner-settings.ts'
import type { EngineServer, SamplingRequest } from '../src/engine/types.ts'
import { startVllm } from '../src/engine/vllm.ts'
import { enginePython, locate, python, trainerFolder } from '../src/paths.ts'
import { idleOf } from './engine/idle.ts'
import { choiceOf, countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:engine --',
  about: 'The engine through our client, over a bare client on the same server and over generate.',
  flags: {
    kind: { value: 'KIND', about: 'embedded or vllm', default: 'embedded' },
    requests: { value: 'N', about: 'completions of an arm', default: '512' },
    steps: {
      value: 'N',
      about: 'embedded: steps of the run whose engine is watched',
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

/** Prompts and lengths as the held-out suites have them. */
function recordedMix(count: number): SamplingRequest[] {
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
    ...{ pythonPath: trainerFolder, model, logPath: join(folder, 'engine.log'), cacheDir: folder },
    ...{ threads: 1, maxBatch: atOnce, maxLength: 256, concurrency: atOnce },
    ...{ deadlineMs: 600_000, silenceMs: 600_000 },
  }
  if (kind === 'embedded') return startEmbeddedEngine({ ...common, python })
  return startVllm({
    ...{ ...common, python: enginePython, device: 'cpu', dtype: 'float32', kvCacheMb: 256 },
    ...{ memoryShare: 0.9, loraRank, sleepLevel: null },
  })
}

async function timeLoad(server: EngineServer, path: string, version: number): Promise<number> {
  const begun = performance.now()
  await server.load(path, version)
  return performance.now() - begun
}

/** An adapter as our learner writes it, into a server that takes adapters. */
async function timeAdapter(): Promise<number> {
  const config = configSchema.parse({
    engine: { kind: 'vllm', loraRank: rank },
    trainer: { method: 'lora', loraRank: rank },
  })
  const learner = await startLearner({
    ...{ python, pythonPath: trainerFolder, ...learnerOf(config, model), cacheDir: folder },
    ...{ threads: 1, deadlineMs: 600_000, logPath: join(folder, 'learner.log') },
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

/** Keeps `atOnce` of them open; gives tokens a second. */
async function drive(requests: SamplingRequest[], ask: (r: SamplingRequest) => Promise<number>) {
  const begun = performance.now()
  const rest = requests.slice()
  let tokens = 0
  const lane = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      // Not `tokens += await`: that adds to what it was before the wait.
      const more = await ask(next)
      tokens += more
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return (tokens * 1000) / (performance.now() - begun)
}

function bareClient(url: string) {
  const pool = new Pool(url, { connections: atOnce })
  const ask = async ({ prompt, maxTokens, seed }: SamplingRequest) => {
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

const requests = recordedMix(count)
const server = await start()
const bare = bareClient(server.url)
const best = { ours: 0, bare: 0, generate: 0, loadMs: Number.POSITIVE_INFINITY }
try {
  for (let round = 0; round < rounds; round++) {
    const ours = (r: SamplingRequest) => server.sampler.complete(r).then(({ ids }) => ids.length)
    best.ours = Math.max(best.ours, await drive(requests, ours))
    best.bare = Math.max(best.bare, await drive(requests, bare.ask))
    best.loadMs = Math.min(best.loadMs, await timeLoad(server, model, round))
  }
} finally {
  await bare.close()
  await server.stop()
}
console.log(`${kind}, ${requests.length} requests, ${atOnce} at once, ${cpus()[0]?.model}`)
console.log(
  `ours / bare client   ${(best.ours / best.bare).toFixed(3)}   (${best.ours.toFixed(0)} tok/s)`,
)
console.log(`load of full weights ${best.loadMs.toFixed(0)} ms`)
if (kind === 'vllm') console.log(`load of an adapter   ${(await timeAdapter()).toFixed(0)} ms`)
if (kind === 'embedded') {
  for (let round = 0; round < rounds; round++) {
    best.generate = Math.max(best.generate, generate(requests))
  }
  console.log(
    `ours / generate      ${(best.ours / best.generate).toFixed(2)}   (${best.generate.toFixed(0)} tok/s)`,
  )
  const { phaseMs, idleMs } = await idleOf('micro', steps, folder)
  const share = ((100 * idleMs) / phaseMs).toFixed(1)
  console.log(`idle with work       ${share} %   (of ${(phaseMs / 1000).toFixed(1)} s of sampling)`)
}
