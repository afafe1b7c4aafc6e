/**
 * Holds one engine and one learner for the checks of a proof, with the real parity gate over both.
 * Engine and learner get each version from the same folder.
 */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { AzrError } from '../../../domain/errors.ts'
import type { Look } from '../../../domain/parity.ts'
import { lastLine } from '../../../lib/formats.ts'
import { givesAdapters } from '../../config/backend.ts'
import { visible } from '../../config/cards.ts'
import type { Config } from '../../config/config.ts'
import type { Fit } from '../../config/fit/index.ts'
import { python, trainerFolder } from '../../config/paths.ts'
import { startEngine } from '../../engine/start.ts'
import type { EngineServer, Learner } from '../../engine/types.ts'
import type { VllmOptions } from '../../engine/vllm.ts'
import { startLearner } from '../../learner/learner.ts'
import { learnerOf } from '../../learner/settings.ts'
import type { Prompts } from '../suitable.ts'
import { createGate } from '../work/parity.ts'

export type StageOptions = {
  config: Config
  fit: Fit
  /** The model's folder. */
  model: string
  prompts: Prompts
  folder: string
  onProgress: (what: string) => void
  /** Options of vLLM that tests override to break it. */
  vllm?: Partial<VllmOptions>
}

export type Verdict = { look: Look; suspect: string | null }

export type Stage = ReturnType<typeof createStage>

/** Free bytes of the engine's first card, or of the machine. */
async function freeBytes({ fit, config }: StageOptions): Promise<number> {
  if (fit.device === 'cpu') {
    const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
    return Number(available) * 1024
  }
  const card = visible(config.engine.cards ?? [0]).CUDA_VISIBLE_DEVICES ?? '0'
  const query = ['--query-gpu=memory.free', '--format=csv,noheader,nounits', '-i', card]
  const { stdout } = await promisify(execFile)('nvidia-smi', query)
  return Number(stdout.trim().split('\n')[0]) * 2 ** 20
}

/** The gate stores nothing here. Its probes are drawn from what the engine writes. */
function gateOver(options: StageOptions, held: () => Learner, engine: () => EngineServer) {
  const { config, model, prompts } = options
  const never = () => Promise.reject(new Error('Nothing is stored in a proof'))
  const read = { policy: async () => undefined, update: async () => undefined }
  const none = { seedRollouts: never, sequences: never, checkpoints: never, batch: never }
  const now = { version: 0, look: null as Look | null }
  const gate = createGate({
    config,
    model,
    prompts,
    isSeeded: () => false,
    store: { folder: '', read: { ...read, ...none }, write: never, event: async () => {} },
    engine,
    served: () => now.version,
    held: () => {
      const weights = { version: now.version, weightsHash: '' }
      return { learner: held(), weights, fits: null }
    },
    onLook: look => {
      now.look = look
    },
  })
  return { now, gate }
}

/** A copy of an export in which each tensor is changed a little. */
export function changedCopy(from: string, to: string, seed: number): string {
  const args = ['-m', 'azr_trainer.perturb', from, to, '--seed', String(seed)]
  const env = { ...process.env, PYTHONPATH: trainerFolder }
  const { status, stderr } = spawnSync(python, args, { env, encoding: 'utf8' })
  if (status === 0) return to
  throw new AzrError('model-unchecked', `Cannot change ${from}: ${lastLine(stderr)}`)
}

/** Loads version 0 into the learner. Returns the folder from which the engine loads it. */
async function firstVersion({ config, model, folder }: StageOptions, learner: Learner) {
  const fresh = join(folder, 'fresh')
  if (existsSync(fresh)) await learner.load(model)
  else await learner.export(fresh, !givesAdapters(config))
  return fresh
}

export function createStage(options: StageOptions) {
  const { config, model, folder, onProgress } = options
  let engine: EngineServer | null = null
  let learner: Learner | null = null
  const theirs = () => engine as EngineServer
  const mine = () => learner as Learner
  const { now, gate } = gateOver(options, mine, theirs)
  const { signal } = new AbortController()
  const cacheDir = join(folder, 'cache')
  const sleeps = config.engine.kind === 'vllm' && config.engine.sleep
  return {
    ...options,
    engine: theirs,
    learner: mine,
    sleeps,
    place: (name: string) => join(folder, name),
    freeBytes: () => freeBytes(options),
    async startEngine(more: Partial<VllmOptions> = {}) {
      const vllm = { ...options.vllm, ...more }
      const places = { model, folder, cacheDir, onProgress, onLoss: () => {} }
      engine = await startEngine({ config, ...places, vllm }, signal)
      await engine.warm()
    },
    /**
     * Loads version 0 into both, as a run does when it begins. Returns the seconds of the engine's
     * load.
     */
    async loadFirst(): Promise<number> {
      const fresh = await firstVersion(options, mine())
      const begun = performance.now()
      await theirs().load(fresh, 0)
      now.version = 0
      return (performance.now() - begun) / 1000
    },
    async startLearner() {
      const logPath = join(folder, 'logs', 'learner.log')
      const places = { python, pythonPath: trainerFolder, logPath, cacheDir }
      learner = await startLearner({ ...learnerOf(config, model), ...places }, signal)
      return await learner.load(model)
    },
    /** Loads a version into engine and learner from the same folder. */
    async load(path: string): Promise<number> {
      await mine().load(path)
      const begun = performance.now()
      await theirs().load(path, now.version + 1)
      now.version += 1
      return (performance.now() - begun) / 1000
    },
    /** The real gate's verdict on the current state of engine and learner. */
    async compare(): Promise<Verdict> {
      const found = await gate(now.version, signal)
      if (found.type !== 'policy.probed' || now.look === null) throw new Error(found.type)
      return { look: now.look, suspect: found.passed ? null : found.suspect }
    },
    async stop() {
      await Promise.all([engine?.stop(), learner?.stop()])
    },
  }
}
