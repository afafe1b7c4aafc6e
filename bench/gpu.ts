/**
 * `npm run bench:gpu -- [PRESET]`: sampling, learning, loading, and one whole step of a preset on
 * this machine, compared with what `azr plan` says. It carries out the proof of `azr doctor --gpu`
 * and then plays two steps without evaluations. It writes one JSON, which `--show FILE` prints as
 * a table.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { findingsOf } from '../src/cli/doctor.ts'
import { reportHere } from '../src/cli/doctor-gpu.ts'
import { loadConfig } from '../src/config/load.ts'
import { besideOf, type GpuReport, gpuTable } from './gpu/table.ts'
import { readOptions, type Spec } from './options.ts'
import { ofRun } from './plan/run.ts'

const spec: Spec = {
  command: 'npm run bench:gpu --',
  about:
    'Measures sampling, learning, loading and one whole step of a preset, and compares them ' +
    'with the plan.',
  positions: { PRESET: { about: 'a preset', default: 'smollm2-135m' } },
  flags: {
    out: { value: 'FILE', about: 'where to write the JSON (gpu-PRESET.json)' },
    show: { value: 'FILE', about: 'instead print a JSON that was written earlier' },
    knobs: { value: 'LIST', about: 'knobs of the preset: engine.maxBatch=16,seed=2' },
  },
}
const values = readOptions(spec)
const preset = values.PRESET as string
const say = (line: string) => void process.stdout.write(`${line}\n`)
const tell = (lines: string[]) => {
  for (const line of lines) process.stderr.write(`${line}\n`)
}

async function measure(): Promise<GpuReport> {
  const given = (values.knobs ?? '').split(',').filter(Boolean)
  const more = given.map(text => {
    const [path = '', ...value] = text.split('=')
    return { path, value: value.join('=') }
  })
  const home = mkdtempSync(join(tmpdir(), 'azr-bench-gpu-'))
  try {
    const none = [
      { path: 'evaluate.suites', value: '[]' },
      { path: 'evaluate.between.suites', value: '[]' },
      { path: 'steps', value: '2' },
    ]
    const overrides = [...more, ...none]
    const args = { positions: [preset], flags: new Map([['home', home]]), overrides }
    const config = loadConfig(preset, overrides)
    const report = await reportHere(args, config, await findingsOf(args), tell)
    const { rows } = await ofRun(config, join(home, 'run'))
    const { sample, train, handOver } = report.plan.seconds
    const step = rows.at(-1)
    const seconds = step ? (step.rolling_ms + step.learner_ms) / 1000 : Number.NaN
    const whole = { planned: sample + train + handOver, measured: seconds, unit: 's' }
    const [load = 0] = loadavg()
    return { ...report, load, figures: { ...besideOf(report), 'a whole step': whole } }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

if (values.show) {
  for (const line of gpuTable(JSON.parse(readFileSync(values.show, 'utf8')))) say(line)
} else {
  const report = await measure()
  const file = values.out ?? `gpu-${preset}.json`
  writeFileSync(file, `${JSON.stringify(report, null, 1)}\n`)
  for (const line of gpuTable(report)) say(line)
  say('')
  say(`written to ${file}`)
}
