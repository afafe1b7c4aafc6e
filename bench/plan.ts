/**
 * `npm run bench:plan -- [PRESET]`: compares the predictions of `azr plan` with measurements on
 * this machine.
 *
 * It runs a few steps of the preset without evaluations, in a temporary folder. It compares the
 * peak memory of learner and engine, and the seconds of a step, with the plan made with `--probe`.
 * With `--steps 0` it measures only memory: both are started alone and hold what a run may ask of
 * them.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fitFor } from '../src/cli/plan.ts'
import type { Config } from '../src/config/config.ts'
import { bytesOf } from '../src/config/fit/memory.ts'
import { loadConfig } from '../src/config/load.ts'
import { findModel } from '../src/config/model.ts'
import type { NewRow } from '../state/types.ts'
import { countOf, readOptions, type Spec } from './options.ts'
import { enginePeak, learnerPeak } from './plan/parts.ts'
import { type Measured, ofRun } from './plan/run.ts'

const spec: Spec = {
  command: 'npm run bench:plan --',
  about: 'Compares the memory and time that `azr plan` predicts with measurements.',
  positions: { PRESET: { about: 'a preset for a CPU', default: 'smollm2-135m' } },
  flags: {
    model: { value: 'DIR', about: "the model to use instead of the preset's" },
    steps: {
      value: 'N',
      about: 'steps of the run, of which the last ones count; 0: memory only',
      default: '3',
    },
  },
}
const values = readOptions(spec)
const steps = countOf(spec, values, 'steps', 0)
const knobs = [
  { path: 'evaluate.suites', value: '[]' },
  { path: 'evaluate.between.suites', value: '[]' },
  ...(steps > 0 ? [{ path: 'steps', value: String(steps) }] : []),
  ...(values.model ? [{ path: 'model.path', value: values.model }] : []),
]
const config = loadConfig(values.PRESET as string, knobs)
const folder = mkdtempSync(join(tmpdir(), 'azr-bench-plan-'))

async function ofParts(config: Config): Promise<Measured> {
  const model = findModel(config.model.path)
  const learner = await learnerPeak(config, model, join(folder, 'learner'))
  return { learner, engine: await enginePeak(config, model, join(folder, 'engine')), rows: [] }
}

const median = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0
const say = (line: string) => void process.stdout.write(`${line}\n`)
const line = (name: string, predicted: number, found: number, unit: string, bound: string) => {
  const off = `${((predicted / found - 1) * 100).toFixed(0)} %`
  say(
    `| ${name} | ${predicted.toFixed(2)} ${unit} | ${found.toFixed(2)} ${unit} | ${off} | ${bound} |`,
  )
}

try {
  const found = fitFor(config, { flags: new Map([['probe', '']]) })
  const measured = steps > 0 ? await ofRun(config, folder) : await ofParts(config)
  const cores = availableParallelism()
  say(`${cpus()[0]?.model}, ${cores} cores, load ${loadavg()[0]?.toFixed(1)}; ${values.PRESET}`)
  if ((loadavg()[0] ?? 0) > cores + 1)
    say('other processes used the machine, so the times mean little')
  say('| | predicted | measured | off by | target |')
  say('|---|---|---|---|---|')
  const gb = (bytes: number) => bytes / 2 ** 30
  line('learner, peak', gb(bytesOf(found.memory.learner)), gb(measured.learner), 'GB', '10 %')
  line('engine, peak', gb(bytesOf(found.memory.engine)), gb(measured.engine), 'GB', '10 %')
  if (measured.rows.length > 0) {
    const { sample, train, handOver } = found.seconds
    const of = (read: (row: NewRow<'steps'>) => number) => median(measured.rows.map(read)) / 1000
    line(
      'sampling',
      sample,
      of(row => row.rolling_ms),
      's',
      '',
    )
    line(
      'learning, handing over',
      train + handOver,
      of(row => row.learner_ms),
      's',
      '',
    )
    line(
      'a step',
      sample + train + handOver,
      of(row => row.rolling_ms + row.learner_ms),
      's',
      '20 %',
    )
    const rollouts = median(measured.rows.map(row => row.rollouts))
    say(`samples of a step: ${found.tokens.samples} predicted, ${rollouts} measured`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
