/**
 * Finds kinds of task that stop giving valid proposals. It runs a preset for several seeds without
 * held-out suites, and reports each kind's share of valid proposals in its worst stretch of steps.
 * bench/learning.ts measures if the model improves.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Curve } from '../domain/health/health.ts'
import { percent } from '../lib/formats.ts'
import { openForReading } from '../state/database.ts'
import { createPages } from '../state/reader-pages.ts'
import { leastValid, windowSteps, worstOf } from './kinds/worst.ts'
import { azr } from './learning/children.ts'
import { stateOf } from './learning/jobs.ts'
import { readSeeds } from './learning/options.ts'
import { countOf, readOptions, type Spec } from './options.ts'

const spec: Spec = {
  command: 'npm run bench:kinds --',
  about:
    'Runs PRESET for each seed, without held-out suites, and prints for each kind the worst ' +
    'mean of\nvalid proposals over five steps in a row, with its first step. Ends with 1 if ' +
    'one is below 30 %.\nIt skips finished runs and continues interrupted ones: repeat the ' +
    'command.',
  positions: { PRESET: { about: 'preset or file', default: 'micro' } },
  flags: {
    seeds: { value: '1-5', about: 'seeds, single or as ranges', default: '1-5,101-105' },
    steps: { value: 'N', about: 'steps of each run', default: '60' },
    home: { value: 'DIR', about: 'folder of the runs', default: 'runs/kinds' },
    with: { value: "'--a=1 …'", about: 'flags for each run', default: '' },
    as: { value: 'NAME', about: 'a part of the names of the runs', default: 'plain' },
    table: { about: 'only print the existing results' },
  },
}

const options = readOptions(spec)
const preset = options.PRESET as string
const steps = countOf(spec, options, 'steps', 1)
const home = resolve(options.home as string)
const seeds = readSeeds(options.seeds as string)
const nameOf = (seed: number) => `${preset.replace(/\W+/g, '-')}-${options.as}-${seed}`

async function play(seed: number): Promise<void> {
  const name = nameOf(seed)
  const where = ['--home', home, '--no-serve', `--steps=${steps}`]
  const state = stateOf(home, name, steps)
  if (state === 'finished') return
  const suites = ['--evaluate.suites=[]', '--evaluate.between.suites=[]']
  const flags = (options.with as string).split(/\s+/).filter(Boolean)
  const begin = ['train', preset, '--run', name, `--seed=${seed}`, ...suites, ...flags]
  await azr(join(home, name), [...(state === 'absent' ? begin : ['resume', name]), ...where])
}

/** The curves of valid proposals by kind; empty if the run never began. */
function validOf(seed: number): [kind: string, Curve][] {
  const path = join(home, nameOf(seed), 'run.db')
  if (!existsSync(path)) return []
  const { client, db } = openForReading(path)
  try {
    return Object.entries(createPages(db).metrics(['valid.*'])).flatMap(([name, points]) => {
      const kind = name.slice('valid.'.length)
      return kind === 'all' ? [] : [[kind, points]]
    })
  } finally {
    client.close()
  }
}

/** Prints a line for each kind of a seed. Returns whether none of them died. */
function tell(seed: number): boolean {
  const found = validOf(seed).flatMap(([kind, points]) => {
    const worst = worstOf(points)
    return worst ? [{ kind, steps: points.length, ...worst }] : []
  })
  for (const { kind, steps: done, step, value } of found) {
    const mark = value < leastValid ? '  DIED' : ''
    process.stdout.write(
      `seed ${String(seed).padEnd(4)} ${kind.padEnd(10)} ${String(done).padStart(4)} steps, worst ` +
        `${windowSteps} from step ${String(step).padEnd(4)} ${percent(value).padStart(4)} valid${mark}\n`,
    )
  }
  return found.every(({ value }) => value >= leastValid)
}

let isWell = true
for (const seed of seeds) {
  try {
    if (options.table === undefined) await play(seed)
  } catch (error) {
    process.stderr.write(`seed ${seed} is not finished: ${(error as Error).message}\n`)
    isWell = false
  }
  isWell = tell(seed) && isWell
}
process.exitCode = isWell ? 0 : 1
