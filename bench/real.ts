/**
 * Measures if a real language model learns on two cores. It runs the preset smollm2-135m and its
 * controls for each seed, with real vLLM, and prints the results. It needs `azr setup engine`, `azr
 * model import` and CRUXEval. The embedded model is measured by bench/learning.ts.
 */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { signalPrograms } from '../lib/programs.ts'
import { writeWhole } from '../lib/whole-file.ts'
import { root } from '../src/config/paths.ts'
import { openForReading } from '../state/database.ts'
import type { Cell } from './learning/cells.ts'
import { azr, secondsIn } from './learning/children.ts'
import { stateOf } from './learning/jobs.ts'
import { cellsOf, costsOf, courseOf } from './learning/measure.ts'
import { readSeeds } from './learning/options.ts'
import { countOf, orRefuse, readOptions, type Spec } from './options.ts'
import { type ArmName, arms, isArm, preset, suites } from './real/arms.ts'
import { findRecord, writeRecord } from './real/records.ts'
import { writeShort } from './real/short.ts'
import { type Gates, markdownOf, type Run } from './real/table.ts'

const spec: Spec = {
  command: 'npm run bench:real --',
  about:
    `Runs ${preset} for each seed and arm, scored before and after on CRUXEval's short items, ` +
    'and\nwrites the table. It skips finished runs and continues interrupted ones: repeat the ' +
    'command. A run\ntakes half an hour on two cores at rest.',
  flags: {
    arms: { value: 'full,lr0,…', about: 'which arms', default: Object.keys(arms).join(',') },
    seeds: { value: '1-3', about: 'seeds, single or as ranges', default: '1-3' },
    steps: { value: 'N', about: 'steps of each run', default: '30' },
    items: { value: 'N', about: 'items of each suite', default: '80' },
    samples: { value: 'N', about: 'answers to each item', default: '4' },
    data: { value: 'DIR', about: 'folder of the benchmarks', default: 'runs/data' },
    home: { value: 'DIR', about: 'folder of the runs', default: 'runs/real' },
    with: { value: "'--a=1 …'", about: 'flags for each run', default: '' },
    table: { about: 'only print and write the existing results' },
    out: { value: 'DIR', about: 'folder of the table', default: join(root, 'research', 'real') },
  },
}

const options = readOptions(spec)
const steps = countOf(spec, options, 'steps')
const items = countOf(spec, options, 'items')
const samples = countOf(spec, options, 'samples')
const home = resolve(options.home as string)
const { seeds, names } = orRefuse(spec.command, () => {
  const names = (options.arms as string).split(',')
  const unknown = names.find(name => !isArm(name))
  if (unknown === undefined) {
    return { seeds: readSeeds(options.seeds as string), names: names as ArmName[] }
  }
  throw new Error(`Cannot find arm ${unknown}: there are ${Object.keys(arms).join(', ')}`)
})
const short = join(home, 'short')
const nameOf = (arm: ArmName, seed: number) => `${arm}-${seed}`

const scoring = [
  `--evaluate.suites=[${suites.join(', ')}]`,
  '--evaluate.modes=[sampled]',
  `--evaluate.samples=${samples}`,
  // The same temperature as self-play.
  '--evaluate.temperature=0.7',
  `--evaluate.items=${items}`,
  '--evaluate.maxTokens=32',
  `--evaluate.data=${short}`,
]

const out = resolve(options.out as string)
const more = (options.with as string).split(/\s+/).filter(Boolean)
const asked = { out, steps, items, samples, more }

/** The base answers alike in all arms of a seed, so only `full` scores it. */
function startOf(arm: ArmName, seed: number): Cell[] {
  if (arm === 'full') return []
  const recorded = findRecord(asked, 'full', seed)?.start
  return recorded ?? cellsOf({ home, name: nameOf('full', seed), step: 0, suites })
}

async function play(arm: ArmName, seed: number): Promise<void> {
  const name = nameOf(arm, seed)
  const where = ['--home', home, '--no-serve', `--steps=${steps}`]
  const state = stateOf(home, name, steps)
  if (state === 'finished' || findRecord(asked, arm, seed)) return
  const known = startOf(arm, seed).length > 0 ? ['--evaluate.start=false'] : []
  const flags = [...arms[arm].flags, ...more]
  const begin = ['train', preset, '--run', name, `--seed=${seed}`, ...scoring, ...known, ...flags]
  await azr(join(home, name), [...(state === 'absent' ? begin : ['resume', name]), ...where])
}

function gatesOf(name: string): Gates {
  const { client } = openForReading(join(home, name, 'run.db'))
  try {
    const one = (sql: string) => (client.prepare(sql).pluck().get() as number | null) ?? 0
    return {
      parity: one('select max(parity_max) from policies'),
      mismatch: one("select max(abs(value)) from metrics where name = 'mismatch.kl'"),
    }
  } finally {
    client.close()
  }
}

/** From the record, or from the run, which is then recorded. Empty if it is not finished. */
function measured(arm: ArmName, seed: number): Run[] {
  const name = nameOf(arm, seed)
  const known = findRecord(asked, arm, seed)
  if (known) return [known]
  if (stateOf(home, name, steps) !== 'finished') return []
  const { trained, evaluate_ms } = costsOf(home, name)
  const own = cellsOf({ home, name, step: 0, suites })
  const found: Run = {
    arm,
    seed,
    steps,
    jobs: 1,
    trained,
    seconds: secondsIn(join(home, name)),
    evaluateSeconds: evaluate_ms / 1000,
    start: own.length > 0 ? own : startOf(arm, seed),
    end: cellsOf({ home, name, step: steps, suites }),
    gates: gatesOf(name),
    ...courseOf(home, name),
  }
  writeRecord(asked, arm, found)
  return [found]
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => signalPrograms('SIGINT'))
}
if (options.table === undefined) {
  orRefuse(spec.command, () => writeShort(resolve(options.data as string), short))
  for (const seed of seeds) {
    for (const arm of names) {
      try {
        await play(arm, seed)
        measured(arm, seed)
      } catch (error) {
        process.stderr.write(`${nameOf(arm, seed)} is not finished: ${(error as Error).message}\n`)
        process.exitCode = 1
      }
    }
  }
}
const runs = names.flatMap(arm => seeds.flatMap(seed => measured(arm, seed)))
if (runs.length === 0) process.stderr.write('nothing is finished yet: repeat the command\n')
else {
  const text = markdownOf(runs, samples)
  mkdirSync(out, { recursive: true })
  writeWhole(join(out, 'real.md'), text)
  process.stdout.write(text)
}
