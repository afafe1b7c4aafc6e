/** The command line of the benchmark. */
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../../src/config/paths.ts'
import { type Arm, arms } from './arms.ts'

export const usage = `npm run bench:learning -- [flags]

  --arms full,lr0,…      which arms (all of them: --arms all; default full,lr0,random,frozen)
  --seeds 101-105        seeds, single or as ranges (101-105; with --dev 1-5)
  --dev                  the dev suites and a home of their own, for tuning
  --steps N              steps of each run (default: the preset's)
  --items N              items of each suite and kind (default: all)
  --jobs N               runs at a time; from 2 on each has one thread for each process (1)
  --home DIR             where the runs lie (./runs/learning, with --dev ./runs/learning-dev)
  --with='--a=1 --b=2'   one arm more, made of micro and these flags …
  --as NAME              … under this name
  --minutes N            training time of arm sft (default: as long as the runs of full took)
  --table                only print and write what is there
  --out DIR              where the table goes (research/learning)

What is finished is not done again, what was interrupted goes on: repeat the command. Finished runs
are on record in OUT/runs, for this base and these settings: the folders in --home may go.
`

export type Options = {
  home: string
  out: string
  arms: Record<string, Arm>
  seeds: number[]
  suites: string[]
  isDev: boolean
  isTable: boolean
  steps: number | null
  items: number | null
  jobs: number
  minutes: number | null
}

/** `101-103,7` is 101, 102, 103, 7. */
export function readSeeds(text: string): number[] {
  return text.split(',').flatMap(part => {
    const [low = Number.NaN, high = low] = part.split('-').map(Number)
    if (!Number.isInteger(low) || !Number.isInteger(high) || high < low) {
      throw new Error(`Cannot read seeds ${text}: give numbers and ranges such as 101-105,7`)
    }
    return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  })
}

function chosenArms(names: string, flags: string | undefined, name: string | undefined) {
  const all = { ...arms }
  const mine = name ?? 'custom'
  if (flags !== undefined) {
    all[mine] = { about: flags, preset: 'micro', flags: flags.split(/\s+/).filter(Boolean) }
  }
  const wanted = names === 'all' ? Object.keys(all) : names.split(',').filter(Boolean)
  if (flags !== undefined && !wanted.includes(mine)) wanted.push(mine)
  const unknown = wanted.find(one => !all[one])
  if (unknown) {
    throw new Error(`Cannot find arm ${unknown}: there are ${Object.keys(all).join(', ')}`)
  }
  return Object.fromEntries(wanted.map(one => [one, all[one] as Arm]))
}

const flag = { type: 'string' } as const

/** Null where only the usage was asked for. */
export function readOptions(words: string[]): Options | null {
  const { values } = parseArgs({
    args: words,
    options: {
      arms: flag,
      seeds: flag,
      steps: flag,
      items: flag,
      jobs: flag,
      home: flag,
      out: flag,
      with: flag,
      as: flag,
      minutes: flag,
      dev: { type: 'boolean' },
      table: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return null
  const number = (text: string | undefined) => (text === undefined ? null : Number(text))
  const isDev = values.dev === true
  const names = values.arms ?? (values.with === undefined ? 'full,lr0,random,frozen' : '')
  return {
    home: resolve(values.home ?? join('runs', isDev ? 'learning-dev' : 'learning')),
    out: resolve(values.out ?? join(root, 'research', 'learning')),
    arms: chosenArms(names, values.with, values.as),
    seeds: readSeeds(values.seeds ?? (isDev ? '1-5' : '101-105')),
    suites: isDev ? ['micro-easy-dev', 'micro-hard-dev'] : ['micro-easy', 'micro-hard'],
    isDev,
    isTable: values.table === true,
    steps: number(values.steps),
    items: number(values.items),
    jobs: number(values.jobs) ?? 1,
    minutes: number(values.minutes),
  }
}
