/**
 * Starts the learner and the engine of a config alone, and makes each hold as much as a run may ask
 * of it.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../src/config/config.ts'
import { python, trainerFolder } from '../../src/config/paths.ts'
import { startEngine } from '../../src/engine/start.ts'
import type { TrainingBatch, UpdateOptions } from '../../src/engine/types.ts'
import { startLearner } from '../../src/learner/learner.ts'
import { learnerOf } from '../../src/learner/settings.ts'
import { watchPeaks } from './peak.ts'

/** Sequences of one length; the first half of each is its prompt. */
function batchOf(rows: number, length: number): TrainingBatch {
  const prompt = length >> 1
  const each = <T>(value: T) => Array.from({ length: rows }, () => value)
  return {
    // Each begins with a different id, so that no prompt is shared.
    ids: Int32Array.from(
      { length: rows * length },
      (_, i) => 5 + (((i % length) + i / length) % 40),
    ),
    lengths: Int32Array.from(each(length)),
    promptLengths: Int32Array.from(each(prompt)),
    logprobs: new Float32Array(rows * (length - prompt)).fill(-5),
    advantages: Float32Array.from(each(1)),
    weights: Float32Array.from(each(1e-6)),
    minibatches: new Int32Array(rows),
    groups: new Int32Array(rows),
  }
}

export async function learnerPeak(config: Config, model: string, folder: string): Promise<number> {
  const { trainer, engine, solve } = config
  const learner = await startLearner({
    python,
    pythonPath: trainerFolder,
    ...learnerOf(config, model),
    logPath: join(folder, 'learner.log'),
    cacheDir: folder,
  })
  const peaks = watchPeaks(() => ({ learner: [learner.pid] }))
  try {
    const { importance, ...loss } = trainer
    const options = { ...loss, temperature: solve.temperature } as UpdateOptions
    await learner.load(model)
    // The first update makes the moments, the first of two full passes the gradients.
    await learner.update(batchOf(1, 16), options)
    const rows = 2 * Math.max(1, Math.floor(trainer.microBatchTokens / engine.maxLength))
    await learner.update(batchOf(rows, engine.maxLength), options)
    peaks.stop()
    return peaks.of('learner')
  } finally {
    peaks.stop()
    await learner.stop()
  }
}

export async function enginePeak(config: Config, model: string, folder: string): Promise<number> {
  const { maxLength } = config.engine
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const deaf = { onProgress: () => {}, onLoss: () => {} }
  const { signal } = new AbortController()
  const engine = await startEngine({ config, model, folder, cacheDir: folder, ...deaf }, signal)
  const peaks = watchPeaks(() => ({ engine: engine.pids() }))
  try {
    await engine.warm()
    const prompt = Int32Array.from({ length: maxLength - 16 }, (_, i) => 5 + (i % 40))
    const shared = { maxTokens: 8, temperature: 1, topP: 1, stop: [] }
    await Promise.all(
      [1, 2, 3, 4].map(seed => engine.sampler.complete({ ...shared, prompt, seed })),
    )
    peaks.stop()
    return peaks.of('engine')
  } finally {
    peaks.stop()
    await engine.stop()
  }
}
