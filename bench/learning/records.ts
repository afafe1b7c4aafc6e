/**
 * What finished runs said, kept in the repository: a table of many seeds can be made in several
 * sittings and on several machines. A record counts for one base, preset and set of flags only.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config-load.ts'
import { locate, root } from '../../src/paths.ts'
import type { Arm } from './arms.ts'
import type { Cell, Measured } from './measure.ts'
import type { Options } from './options.ts'

/** A cell with its items' right answers as one digit each, where that is exact. */
type StoredCell = Omit<Cell, 'shares'> & { shares: string | number[] }
type Stored = Omit<Measured, 'start' | 'end'> & {
  settings: string
  base: string
  start: StoredCell[]
  end: StoredCell[]
}

export function pack({ shares, samples, ...cell }: Cell): StoredCell {
  const counts = shares.map(share => share * samples)
  const isExact = samples < 36 && counts.every(Number.isInteger)
  const text = isExact ? counts.map(count => count.toString(36)).join('') : shares
  return { ...cell, samples, shares: text }
}

export function unpack({ shares, samples, ...cell }: StoredCell): Cell {
  const values =
    typeof shares === 'string' ? [...shares].map(digit => parseInt(digit, 36) / samples) : shares
  return { ...cell, samples, shares: values }
}

const digest = (data: string | Uint8Array) =>
  createHash('sha256').update(data).digest('hex').slice(0, 16)

export const baseModel = () => locate(loadConfig('micro').model.path)
export const baseDigest = () => digest(readFileSync(join(baseModel(), 'model.safetensors')))

export type Asked = Pick<Options, 'suites' | 'steps' | 'items'>

/** Of what decides a run's scores: its base, its preset's lines, its flags and how it is scored. */
export function settingsOf({ suites, steps, items }: Asked, { preset, flags }: Arm): string {
  const lines = parse(readFileSync(join(root, 'configs', `${preset}.yaml`), 'utf8'))
  return digest(JSON.stringify([baseDigest(), lines, flags, suites, steps, items]))
}

/** JSON with a line for each row of each list. */
function written(value: Record<string, unknown>): string {
  const fields = Object.entries(value).map(([name, field]) => {
    const rows = Array.isArray(field) && field.length > 0 ? field : null
    const text = rows
      ? `[\n${rows.map(row => JSON.stringify(row)).join(',\n')}\n]`
      : JSON.stringify(field)
    return `${JSON.stringify(name)}: ${text}`
  })
  return `{\n${fields.join(',\n')}\n}\n`
}

type Place = Asked & Pick<Options, 'out' | 'isDev'>
const folderOf = ({ out, isDev }: Place) => join(out, isDev ? 'runs-dev' : 'runs')

export function writeRecord(options: Place, arm: Arm, run: Measured): void {
  const folder = folderOf(options)
  mkdirSync(folder, { recursive: true })
  const stored: Stored = {
    ...run,
    settings: settingsOf(options, arm),
    base: baseDigest(),
    start: run.start.map(pack),
    end: run.end.map(pack),
  }
  const path = join(folder, `${run.arm}-${run.seed}.json`)
  writeFileSync(`${path}.half`, written(stored))
  renameSync(`${path}.half`, path)
}

export type Records = {
  /** Of this arm and seed, under the settings asked for. */
  find: (arm: string, seed: number) => Measured | undefined
  /** The base's free answers under this seed, by whichever arm they were scored. */
  freeStart: (seed: number) => Cell[] | undefined
  /** The base with its answers forced: greedy, so of any seed. */
  forcedStart: () => Cell[] | undefined
}

const isForced = ({ mode }: { mode: string }) => mode === 'direct' || mode === 'scratch'

export function readRecords(options: Place & Pick<Options, 'arms'>): Records {
  const folder = folderOf(options)
  const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')) : []
  const base = baseDigest()
  const stored = names
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Stored)
    .filter(run => run.base === base)
  const open = ({ settings: _, base: __, ...run }: Stored): Measured => ({
    ...run,
    start: run.start.map(unpack),
    end: run.end.map(unpack),
  })
  const isAsked = (cells: StoredCell[]) =>
    options.suites.every(suite =>
      cells.some(cell => cell.suite === suite && cell.items === (options.items ?? cell.items)),
    )
  const startOf = (run: Stored | undefined, forced: boolean) => {
    const cells = run?.start.filter(cell => isForced(cell) === forced) ?? []
    return isAsked(cells) ? cells.map(unpack) : undefined
  }
  const firstOf = (runs: Stored[], forced: boolean) =>
    runs.map(run => startOf(run, forced)).find(cells => cells !== undefined)
  return {
    find(arm, seed) {
      const settings = settingsOf(options, options.arms[arm] as Arm)
      const run = stored.find(
        one => one.arm === arm && one.seed === seed && one.settings === settings,
      )
      return run && open(run)
    },
    freeStart: seed =>
      firstOf(
        stored.filter(run => run.seed === seed),
        false,
      ),
    forcedStart: () => firstOf(stored, true),
  }
}
