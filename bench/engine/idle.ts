/**
 * Measures how long the embedded engine is idle in a step's sampling phase while answers are
 * waiting. The engine counts its idle time, the run's queue shows waiting answers.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { locate, python, trainerFolder } from '../../src/config/paths.ts'
import { startEmbeddedEngine } from '../../src/engine/embedded.ts'
import { startWorld } from '../../src/run/world.ts'
import { openRun } from '../../state/open.ts'

const everyMs = 10

export type Idle = { phaseMs: number; idleMs: number; path: string; config: Config }
type Look = { at: number; idle: number; answers: number }

/**
 * Runs `preset` for some steps. Returns the engine's idle time, without the seeding and the first
 * step, and the run's folder.
 */
export async function idleOf(preset: string, steps: number, folder: string): Promise<Idle> {
  const base = loadConfig(preset)
  const { threads, maxBatch, maxLength, concurrency } = base.engine
  const engine = await startEmbeddedEngine({
    python,
    pythonPath: trainerFolder,
    model: locate(base.model.path),
    logPath: join(folder, 'engine.log'),
    cacheDir: join(folder, 'cache'),
    threads,
    maxBatch,
    maxLength,
    concurrency,
    deadlineMs: 600_000,
  })
  const idleMs = async () => {
    const answer = await fetch(`${engine.url}/azr`)
    const { idleSeconds } = (await answer.json()) as { idleSeconds: number }
    return idleSeconds * 1000
  }
  const overrides = {
    steps: String(steps),
    'evaluate.suites': '[]',
    'evaluate.between.suites': '[]',
    'engine.kind': 'endpoints',
    'engine.urls': `[${engine.url}]`,
    'trainer.backend': 'plain',
  }
  const config = loadConfig(
    preset,
    Object.entries(overrides).map(([path, value]) => ({ path, value })),
  )
  const run = { name: 'idle', preset, seed: 1, config, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(folder, 'idle', run)
  const world = await startWorld({ store, config, cacheDir: join(folder, 'cache') })
  let isOver = false
  const done = world.done.finally(() => {
    isOver = true
  })
  const sum = { phaseMs: 0, idleMs: 0 }
  let before: Look | null = null
  while (!isOver) {
    const { step, state, answers } = world.glance()
    const isSampling = step > 1 && state === 'rolling'
    const now = isSampling ? { at: performance.now(), idle: await idleMs(), answers } : null
    if (before && now) {
      sum.phaseMs += now.at - before.at
      // The engine may rest if no answers wait.
      if (before.answers > 0 && now.answers > 0) sum.idleMs += now.idle - before.idle
    }
    before = now
    await sleep(everyMs)
  }
  await done
  await world.stop()
  await release()
  await engine.stop()
  return { ...sum, path: join(folder, 'idle', 'run.db'), config }
}
