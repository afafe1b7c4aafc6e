/**
 * Stores the results of finished runs in the repository, so that a table of many seeds can be made
 * in several sessions. A record is valid for one preset, set of flags and scoring.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { writeWhole } from '../../lib/whole-file.ts'
import { root } from '../../src/config/paths.ts'
import { digest, pack, type StoredCell, unpack, written } from '../learning/records.ts'
import { type ArmName, arms, preset, suites } from './arms.ts'
import type { Run } from './table.ts'

type Stored = Omit<Run, 'start' | 'end'> & {
  settings: string
  start: StoredCell[]
  end: StoredCell[]
}

export type Asked = {
  /** The folder of the table. */
  out: string
  steps: number
  items: number
  samples: number
  /** Flags for every run. */
  more: readonly string[]
}

/** A hash of everything that decides a run's scores, besides its seed and its base. */
export function settingsOf({ steps, items, samples, more }: Asked, arm: ArmName): string {
  const lines = parse(readFileSync(join(root, 'configs', `${preset}.yaml`), 'utf8'))
  const flags = [...arms[arm].flags, ...more]
  return digest(JSON.stringify([lines, flags, suites, steps, items, samples]))
}

const pathOf = ({ out }: Asked, arm: ArmName, seed: number) =>
  join(out, 'runs', `${arm}-${seed}.json`)

export function writeRecord(asked: Asked, arm: ArmName, run: Run): void {
  const path = pathOf(asked, arm, run.seed)
  mkdirSync(join(asked.out, 'runs'), { recursive: true })
  const settings = settingsOf(asked, arm)
  const stored: Stored = {
    ...run,
    settings,
    start: run.start.map(pack),
    end: run.end.map(pack),
  }
  writeWhole(path, written(stored))
}

/** Undefined if there is no record, or if it was made under other settings. */
export function findRecord(asked: Asked, arm: ArmName, seed: number): Run | undefined {
  const path = pathOf(asked, arm, seed)
  if (!existsSync(path)) return undefined
  const { settings, start, end, ...run } = JSON.parse(readFileSync(path, 'utf8')) as Stored
  if (settings !== settingsOf(asked, arm)) return undefined
  return { ...run, start: start.map(unpack), end: end.map(unpack) }
}
