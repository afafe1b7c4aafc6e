/** Reads the command line of the benchmark. */
import { join, resolve } from 'node:path'
import { root } from '../../src/config/paths.ts'
import { parseOptions, type Spec } from '../options.ts'
import { type Arm, arms } from './arms.ts'

export const spec: Spec = {
  command: 'npm run bench:learning --',
  about:
    'Runs the arms of research/learning.md for each seed. It skips finished runs and ' +
    'continues\ninterrupted ones: repeat the command. The results of finished runs are stored ' +
    'in OUT/runs, for this\nbase and these settings, so the folders in --home may be deleted.',
  flags: {
    arms: {
      value: 'full,lr0,…',
      about: 'arms to run (all: all of them; default: full,lr0,random,frozen)',
    },
    seeds: { value: '101-105', about: 'seeds, single or as ranges (101-105; with --dev 1-5)' },
    dev: { about: 'use the dev suites and another home, for tuning' },
    steps: { value: 'N', about: "steps of each run (the preset's)" },
    items: { value: 'N', about: 'items of each suite and kind (all)' },
    jobs: {
      value: 'N',
      about: 'runs at a time; with 2 or more each process has one thread',
      default: '1',
    },
    home: {
      value: 'DIR',
      about: 'folder of the runs (./runs/learning, with --dev ./runs/learning-dev)',
    },
    with: { value: "'--a=1 …'", about: 'an additional arm: micro with these flags …' },
    as: { value: 'NAME', about: '… under this name', default: 'custom' },
    minutes: { value: 'N', about: 'training time of arm sft (default: that of the runs of full)' },
    table: { about: 'only print and write the existing results' },
    out: { value: 'DIR', about: 'folder of the table (research/learning)' },
  },
}

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

/** `101-103,7` means 101, 102, 103, 7. */
export function readSeeds(text: string): number[] {
  return text.split(',').flatMap(part => {
    const [low = Number.NaN, high = low] = part.split('-').map(Number)
    if (!Number.isInteger(low) || !Number.isInteger(high) || high < low) {
      throw new Error(`Cannot read seeds ${text}: give numbers and ranges such as 101-105,7`)
    }
    return Array.from({ length: high - low + 1 }, (_, i) => low + i)
  })
}

function chosenArms(names: string, flags: string | undefined, mine: string) {
  const all = { ...arms }
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

/** Null if only the help was requested. */
export function readOptions(words: string[]): Options | null {
  const values = parseOptions(spec, words)
  if (values === null) return null
  const number = (text: string | undefined) => (text === undefined ? null : Number(text))
  const isDev = values.dev !== undefined
  const names = values.arms ?? (values.with === undefined ? 'full,lr0,random,frozen' : '')
  return {
    home: resolve(values.home ?? join('runs', isDev ? 'learning-dev' : 'learning')),
    out: resolve(values.out ?? join(root, 'research', 'learning')),
    arms: chosenArms(names, values.with, values.as as string),
    seeds: readSeeds(values.seeds ?? (isDev ? '1-5' : '101-105')),
    suites: isDev ? ['micro-easy-dev', 'micro-hard-dev'] : ['micro-easy', 'micro-hard'],
    isDev,
    isTable: values.table !== undefined,
    steps: number(values.steps),
    items: number(values.items),
    jobs: Number(values.jobs),
    minutes: number(values.minutes),
  }
}
