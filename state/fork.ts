/**
 * Copies a run's state at the end of a step into a new run: its rows up to that step, and a
 * checkpoint to start from. The copy is made in the cache and moved into place when it is complete.
 * The parent is only read, and may be deleted afterwards. Bringing weights to a step without a
 * checkpoint is src/run/fork.ts.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { corpusRead } from '../domain/corpus.ts'
import { UsageError } from '../domain/errors.ts'
import { formatStep } from '../domain/key.ts'
import type { KindShown } from '../domain/kinds/index.ts'
import { copyCheckpoint, isWhole } from './checkpoint-folder.ts'
import { openForReading, openForWriting } from './database.ts'
import { digestOf } from './digest.ts'
import { insertRows } from './insert.ts'
import { checkName, existingRun, runFolder } from './open.ts'
import { createReader } from './reader.ts'
import {
  type Given,
  givenTables,
  madeInOf,
  type NewRow,
  type Row,
  stepTables,
} from './schema/index.ts'
import type { PluginRow } from './schema/run.ts'

export type Fork = {
  home: string
  parent: string
  step: number
  name: string
  /** The config of the new run, and the settings that changed. */
  config: { seed: number }
  settings: Record<string, string>
  versions: Record<string, string>
  plugins: PluginRow[]
  kinds: KindShown[]
  /** The rows that it begins with. Those that the parent has stay. */
  given: Given
}

export type ForkedFrom = { run: string; step: number; settings: Record<string, string> }

/** Tables about the parent's life, which the new run does not inherit. */
const lived = ['run', 'commands', 'messages', 'checkpoints'] as const
const stepped = ['steps', ...stepTables, 'digests'] as const

/** The parent's row, its last step, and its checkpoints up to `step`, newest first. */
function look(folder: string, step: number) {
  const { client, db } = openForReading(join(folder, 'run.db'))
  try {
    const reader = createReader(db)
    const checkpoints = reader.checkpoints().filter(row => row.step <= step)
    return {
      run: reader.run() as Row<'run'>,
      last: reader.lastStep(),
      known: checkpoints.reverse(),
    }
  } finally {
    client.close()
  }
}

const copyWhole = (from: string, to: string) => isWhole(from) && copyCheckpoint(from, to)

function copyRows(from: string, to: string): void {
  const { client } = openForReading(from)
  try {
    client.prepare('vacuum into ?').run(to)
  } finally {
    client.close()
  }
}

/** Deletes all rows after the step, and writes the new run's own row. */
function cutOff(
  path: string,
  step: number,
  row: NewRow<'run'>,
  { given }: Fork,
  kept: Row<'checkpoints'> | undefined,
) {
  const { client } = openForWriting(path)
  client.transaction(() => {
    for (const table of lived) client.exec(`delete from "${table}"`)
    // Its functions of the user's own code stay, and so does what was counted of them.
    client.prepare('delete from run_events where event != ?').run(corpusRead)
    insertRows(client, 'run_events', given.run_events ?? [])
    for (const table of stepped) {
      client.prepare(`delete from "${table}" where ${madeInOf(table)} > ?`).run(step)
    }
    const next = `${formatStep(step + 1)}.`
    client.prepare('delete from task_references where task_id >= ?').run(next)
    client.prepare('delete from policies where version > ?').run(step)
    client.exec('delete from prompts where hash not in (select prompt_hash from rollouts)')
    insertRows(client, 'run', [row])
    if (kept) insertRows(client, 'checkpoints', [kept])
    for (const table of givenTables) {
      insertRows(client, table, given[table] ?? [])
      client.prepare('delete from digests where table_name = ? and step = 0').run(table)
      insertRows(client, 'digests', [digestOf(client, table, 0)])
    }
  })()
  client.exec('vacuum')
  client.close()
}

export type Draft = {
  folder: string
  /** Step of the checkpoint in the folder; 0 means the model itself. */
  checkpoint: number
  /** The parent's config: updates are redone under it. */
  config: unknown
  /** Moves the draft into the folder of runs. */
  keep: () => void
  drop: () => void
}

function checkStep(parent: string, step: number, last: number | null): void {
  if (last !== null && step <= last) return
  const known = last === null ? 'it has finished none yet' : `there are 0 to ${last}`
  throw new UsageError('step-unknown', `Cannot fork run ${parent} at step ${step}: ${known}`)
}

/** Prepares the fork in the home's cache. */
export function draftFork(fork: Fork): Draft {
  const { home, parent, step, name, config, settings, versions, plugins, kinds } = fork
  const source = existingRun(home, parent)
  const target = runFolder(home, checkName(name))
  const { run, last, known } = look(source, step)
  checkStep(parent, step, last)
  if (existsSync(target)) {
    throw new UsageError(
      'run-exists',
      `Cannot fork to ${name} as it exists: choose another --run NAME`,
    )
  }
  const folder = join(home, 'cache', `fork-${name}-${process.pid}`)
  const drop = () => rmSync(folder, { recursive: true, force: true })
  const keep = () => {
    mkdirSync(dirname(target), { recursive: true })
    renameSync(folder, target)
  }
  drop()
  for (const part of ['checkpoints', 'policies', 'logs']) {
    mkdirSync(join(folder, part), { recursive: true })
  }
  try {
    // Done first, because a running parent prunes. If a checkpoint is pruned meanwhile, use an
    // older one.
    const checkpoint = known.find(row => copyWhole(join(source, row.path), join(folder, row.path)))
    const path = join(folder, 'run.db')
    copyRows(join(source, 'run.db'), path)
    const forked: ForkedFrom & { config: unknown } = {
      run: parent,
      step,
      settings,
      config: run.config,
    }
    const lineage = { forked, before: run.lineage }
    const own = { config, versions, plugins, kinds, lineage }
    const row = { name, preset: run.preset, seed: config.seed, ...own, created_at_ms: Date.now() }
    cutOff(path, step, row, fork, checkpoint)
    return { folder, checkpoint: checkpoint?.step ?? 0, config: run.config, keep, drop }
  } catch (error) {
    drop()
    throw error
  }
}
