/**
 * Stores the results of finished runs in the repository, so that a table of many seeds can be made
 * in several sessions and on several machines. A record is valid for one base, preset and set of
 * flags.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { writeWhole } from '../../lib/whole-file.ts'
import { loadConfig } from '../../src/config/load.ts'
import { locate, root } from '../../src/config/paths.ts'
import { type Arm, arms } from './arms.ts'
import { type Cell, cut, type Measured } from './cells.ts'
import type { Options } from './options.ts'

/** A cell with its items' right answers as one digit each, if that is exact. */
export type StoredCell = Omit<Cell, 'shares'> & { shares: string | number[] }
type Stored = Omit<Measured, 'start' | 'end'> & {
  settings: string
  base: string
  /** Items of each kind and suite; null means all. */
  items: number | null
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

export const digest = (data: string | Uint8Array) =>
  createHash('sha256').update(data).digest('hex').slice(0, 16)

export const baseModel = () => locate(loadConfig('micro').model.path)
export const baseDigest = () => digest(readFileSync(join(baseModel(), 'model.safetensors')))

export type Asked = Pick<Options, 'suites' | 'steps' | 'items'>

/** Items of each kind and suite that an arm is scored on; null means all. */
export const itemsOf = ({ items }: Pick<Asked, 'items'>, arm: Arm): number | null =>
  items ?? arm.items ?? null

/** A hash of everything that decides a run's scores: its base, preset, flags and scoring. */
export function settingsOf(asked: Asked, arm: Arm): string {
  const { suites, steps } = asked
  const { preset, flags } = arm
  const items = itemsOf(asked, arm)
  const lines = parse(readFileSync(join(root, 'configs', `${preset}.yaml`), 'utf8'))
  return digest(JSON.stringify([baseDigest(), lines, flags, suites, steps, items]))
}

/** JSON with a line for each row of each list. */
export function written(value: Record<string, unknown>): string {
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
    items: itemsOf(options, arm),
    start: run.start.map(pack),
    end: run.end.map(pack),
  }
  writeWhole(join(folder, `${run.arm}-${run.seed}.json`), written(stored))
}

export type Records = {
  /** The record of this arm and seed under the requested settings. */
  find: (arm: string, seed: number) => Measured | undefined
  /** The base's free answers under this seed, from any arm. */
  freeStart: (seed: number, items: number | null) => Cell[] | undefined
  /** The base with forced answers, which are greedy and so the same for all seeds. */
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
  const open = ({ settings: _, base: __, items: ___, ...run }: Stored): Measured => ({
    ...run,
    start: run.start.map(unpack),
    end: run.end.map(unpack),
  })
  /** The scores of the requested suites, cut to a number of items. */
  const startOf = (run: Stored, forced: boolean, items: number | null) => {
    const cells = run.start.filter(cell => isForced(cell) === forced).map(unpack)
    const isThere = options.suites.every(suite => cells.some(cell => cell.suite === suite))
    const isEnough = run.items === null || (items !== null && run.items >= items)
    return isThere && isEnough ? cells.map(cell => cut(cell, items)) : undefined
  }
  const firstOf = (runs: Stored[], forced: boolean, items: number | null) =>
    runs.map(run => startOf(run, forced, items)).find(cells => cells !== undefined)
  return {
    find(arm, seed) {
      const asked = options.arms[arm] ?? arms[arm]
      const settings = asked && settingsOf(options, asked)
      const run = stored.find(
        one => one.arm === arm && one.seed === seed && one.settings === settings,
      )
      return run && open(run)
    },
    freeStart: (seed, items) =>
      firstOf(
        stored.filter(run => run.seed === seed),
        false,
        items,
      ),
    forcedStart: () => firstOf(stored, true, options.items),
  }
}
