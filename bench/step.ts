/**
 * Measures where the time of a step goes, and what our own process costs per rollout.
 *
 * node bench/step.ts [STEPS=6]
 *
 * It runs `micro` without evaluations and reads the `steps` table. The baseline, in the same
 * process, is the bare engine client asking for as many completions, without actors, store and
 * sandbox. It prints medians over the steps after the first. V8 still compiles our code during the
 * first steps, so with 16 steps or more it also prints the median of the last four.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../src/config/load.ts'
import { locate, python, trainerFolder } from '../src/config/paths.ts'
import { startEmbeddedEngine } from '../src/engine/embedded.ts'
import { startWorld } from '../src/run/world.ts'
import { openRun } from '../state/open.ts'
import type { NewRow } from '../state/types.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'node bench/step.ts',
  about:
    'Measures where the time of a step of `micro` goes, and the cost of our own process per ' +
    'rollout.',
  positions: { STEPS: { about: 'steps of the run', default: '6' } },
}
const steps = countOf(spec, readOptions(spec), 'STEPS', 3)
const home = mkdtempSync(join(tmpdir(), 'azr-bench-'))

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0

/** CPU time of the bare client for one completion, in ms. */
async function bareClient(count: number): Promise<number> {
  const config = loadConfig('micro')
  const { threads, maxBatch, maxLength, concurrency } = config.engine
  const engine = await startEmbeddedEngine({
    python,
    pythonPath: trainerFolder,
    model: locate(config.model.path),
    logPath: join(home, 'engine.log'),
    cacheDir: join(home, 'cache'),
    threads,
    maxBatch,
    maxLength,
    concurrency,
    deadlineMs: 60_000,
  })
  const ask = (seed: number) =>
    engine.sampler.complete({
      prompt: '<D>def f(a):\n x = a + 3\n return x * 2<I>4<S>',
      maxTokens: 96,
      temperature: 1,
      topP: 1,
      seed,
      stop: [],
    })
  const askAll = async (from: number, to: number) => {
    let next = from
    const worker = async () => {
      while (next < to) await ask(next++)
    }
    await Promise.all(Array.from({ length: concurrency }, worker))
  }
  await askAll(0, 300)
  const before = cpuMs()
  await askAll(300, 300 + count)
  const used = cpuMs() - before
  await engine.stop()
  return used / count
}

async function selfPlay(): Promise<NewRow<'steps'>[]> {
  const config = loadConfig('micro', [
    { path: 'steps', value: String(steps) },
    { path: 'evaluate.suites', value: '[]' },
  ])
  const rows: NewRow<'steps'>[] = []
  const run = { name: 'bench', preset: 'micro', seed: 1, config, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(home, 'bench', run)
  const onStep = (row: NewRow<'steps'>) => void rows.push(row)
  const world = await startWorld({ store, config, cacheDir: join(home, 'cache'), onStep })
  await world.done
  await world.stop()
  await release()
  return rows.slice(2)
}

const rows = await selfPlay()
const of = (read: (row: NewRow<'steps'>) => number) => median(rows.map(read))
const wall = of(row => row.wall_ms)
const perRollout = (row: NewRow<'steps'>) => row.own_cpu_ms / row.rollouts
const own = of(perRollout)
const warm = median(rows.slice(-4).map(perRollout))
const bare = await bareClient(600)
const share = (ms: number) => `${ms.toFixed(0)} ms (${((100 * ms) / wall).toFixed(0)} %)`
process.stdout.write(
  [
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
    `step, ${of(row => row.rollouts)} rollouts, ${of(row => row.executions)} executions: ${wall.toFixed(0)} ms`,
    `  sampling and judging   ${share(of(row => row.rolling_ms))}`,
    `  learner                ${share(of(row => row.learner_ms))}`,
    `  the rest               ${share(of(row => row.wall_ms - row.rolling_ms - row.learner_ms))}`,
    `  CPU of our own process ${share(of(row => row.own_cpu_ms))}`,
    `own CPU per rollout: ${own.toFixed(2)} ms; bare client: ${bare.toFixed(2)} ms; ratio ` +
      `${(own / bare).toFixed(2)}`,
    ...(steps < 16 ? [] : [`own CPU per rollout in the last four steps: ${warm.toFixed(2)} ms`]),
    '',
  ].join('\n'),
)
rmSync(home, { recursive: true, force: true })
