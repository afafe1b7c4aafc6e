/** Runs on disk: one folder per run, with run.db, owner.db, checkpoints and logs. */
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { AzrError, RunDamaged, UsageError } from '../domain/errors.ts'
import { runNamePattern } from '../domain/run-at.ts'
import { busyMs, noRun, openForReading, openForWriting } from './database.ts'
import { insertRows } from './insert.ts'
import { type Labels, readLabels, writeLabels } from './labels.ts'
import { isOwned, lastPid, takeOwnership, tryOwnership } from './owner.ts'
import { createReader, type Reader } from './reader.ts'
import { type Given, givenTables, type NewRow, type Row, tables } from './schema/index.ts'
import { createStore } from './store.ts'
import type { Store } from './types.ts'

const reserved = ['cache', 'data']

export function checkName(name: string): string {
  if (!runNamePattern.test(name) || reserved.includes(name)) {
    throw new UsageError(
      'run-name',
      `Cannot name a run ${JSON.stringify(name)}: use small letters, digits, dots, dashes and ` +
        `underscores, a letter or digit first, and neither of ${reserved.join(', ')}`,
    )
  }
  return name
}

export const runFolder = (home: string, name: string) => join(resolve(home), checkName(name))
const hasRun = (folder: string) => existsSync(join(folder, 'run.db'))

export function runNames(home: string): string[] {
  if (!existsSync(home)) return []
  if (!statSync(home).isDirectory()) {
    throw new AzrError(
      'home-unwritable',
      `Cannot write to ${home} as it is a file: choose another folder with --home DIR`,
    )
  }
  return readdirSync(home)
    .filter(name => hasRun(join(home, name)))
    .sort()
}

/** The folder of an existing run. The error lists the runs that exist. */
export function existingRun(home: string, name: string): string {
  const folder = runFolder(home, name)
  if (hasRun(folder)) return folder
  const known = runNames(home).slice(-5).join(', ')
  throw new UsageError(
    'run-unknown',
    `Cannot find run ${name} in ${home}: ${known ? `there are ${known}` : 'there is no run yet'}`,
  )
}

function makeFolders(folder: string): void {
  try {
    for (const part of ['checkpoints', 'policies', 'logs']) {
      mkdirSync(join(folder, part), { recursive: true })
    }
  } catch (error) {
    throw new AzrError(
      'home-unwritable',
      `Cannot write to ${folder} (${(error as { code?: string }).code}): make it writable, or ` +
        'choose another folder with --home DIR',
      { cause: error },
    )
  }
}

/** Records the new owner before anything starts, and removes files that no row refers to. */
function begin(folder: string, path: string, create?: NewRow<'run'>, given: Given = {}): void {
  const { client, db } = openForWriting(path)
  try {
    const event = { at_ms: Date.now(), process_pid: process.pid, event: 'opened' }
    client.transaction(() => {
      if (create) db.insert(tables.run).values(create).run()
      for (const table of givenTables) insertRows(client, table, given[table] ?? [])
      insertRows(client, 'run_events', given.run_events ?? [])
      db.insert(tables.run_events).values(event).run()
    })()
    // Writes the row into the database file itself, because a reader may lose the write-ahead log.
    client.pragma('wal_checkpoint(FULL)')
    const known = db.select({ path: tables.checkpoints.path }).from(tables.checkpoints).all()
    sweep(
      folder,
      known.map(row => row.path),
    )
  } finally {
    client.close()
  }
}

/** Removes half-written checkpoint folders, and complete ones whose row was never committed. */
function sweep(folder: string, known: readonly string[]): void {
  for (const part of ['checkpoints', 'policies']) {
    for (const name of readdirSync(join(folder, part))) {
      const isLost = part === 'checkpoints' && !known.includes(join(part, name))
      if (isLost || name.startsWith('.')) rmSync(join(folder, part, name), { recursive: true })
    }
  }
}

export type OpenRun = { store: Store; release: () => Promise<void> }

/**
 * Opens a run as its owner. `create` is the row of a new run, and `given` are the rows that it
 * begins with. Without `create` the run has to exist.
 */
export async function openRun(
  home: string,
  name: string,
  create?: NewRow<'run'>,
  given?: Given,
): Promise<OpenRun> {
  const folder = create ? runFolder(home, name) : existingRun(home, name)
  if (create && hasRun(folder)) {
    throw new UsageError(
      'run-exists',
      `Cannot begin run ${name} as it exists: \`azr resume ${name}\` continues it, --run NAME ` +
        'begins another',
    )
  }
  makeFolders(folder)
  const owner = takeOwnership(folder, name)
  try {
    const path = join(folder, 'run.db')
    begin(folder, path, create, given)
    const store = createStore(folder, path)
    const release = async () => {
      await store.close()
      owner.release()
    }
    return { store, release }
  } catch (error) {
    owner.release()
    throw error
  }
}

/** Reads a run in this thread, for commands that read once and exit. */
export function readRun<T>(home: string, name: string, read: (reader: Reader) => T): T {
  const path = join(existingRun(home, name), 'run.db')
  const { client, db } = openForReading(path)
  try {
    const reader = createReader(db)
    if (!reader.run()) throw new RunDamaged('run-damaged', `Cannot read ${path} as ${noRun}`)
    return read(reader)
  } finally {
    client.close()
  }
}

export type RunState = {
  name: string
  alive: boolean
  pid: number | null
  run: Row<'run'>
  step: number | null
  event: string
  isHeld: boolean
  labels: Labels
}

export type RunStatus = 'running' | 'paused' | 'finished' | 'failed' | 'stopped'

export function statusOf({ alive, event, isHeld }: RunState): RunStatus {
  if (alive) return isHeld ? 'paused' : 'running'
  return event === 'finished' || event === 'failed' ? event : 'stopped'
}

/** The row of a run. Its config has the steps that the run was last asked for. */
function runRow(reader: Reader): Row<'run'> {
  const row = reader.run() as Row<'run'>
  const steps = reader.askedSteps()
  return steps === null ? row : { ...row, config: { ...(row.config as object), steps } }
}

/** The state of a run at a glance. */
export function describeRun(home: string, name: string): RunState {
  const folder = existingRun(home, name)
  const alive = isOwned(folder)
  return readRun(home, name, reader => ({
    name,
    alive,
    pid: lastPid(folder),
    run: runRow(reader),
    step: reader.lastStep(),
    event: reader.lastEvent()?.event ?? '',
    isHeld: reader.isHeld(),
    labels: readLabels(folder),
  }))
}

/** All runs in a home folder, and the errors of those that cannot be read. */
export function describeRuns(home: string) {
  const states: RunState[] = []
  const unread: { name: string; error: unknown }[] = []
  for (const name of runNames(home)) {
    try {
      states.push(describeRun(home, name))
    } catch (error) {
      unread.push({ name, error })
    }
  }
  return { states, unread }
}

/** Sends a command to the process that owns the run. Throws if no process owns it. */
export function sendCommand(home: string, name: string, command: string): void {
  const folder = existingRun(home, name)
  if (!isOwned(folder)) {
    throw new UsageError(
      'run-idle',
      `Cannot ${command} run ${name} as no process works on it: start it with \`azr resume ` +
        `${name}\``,
    )
  }
  const { client } = openForWriting(join(folder, 'run.db'))
  try {
    client.pragma(`busy_timeout = ${busyMs}`)
    client
      .prepare('insert into commands (at_ms, process_pid, command) values (?, ?, ?)')
      .run(Date.now(), process.pid, command)
  } finally {
    client.close()
  }
}

/** Changes the labels of a run. It does not disturb a process that works on the run. */
export const labelRun = (home: string, name: string, change: Partial<Labels>): Labels =>
  writeLabels(existingRun(home, name), change)

/** Deletes a run with all its files. Takes ownership first, so that no process can resume it. */
export function removeRun(home: string, name: string): void {
  const folder = existingRun(home, name)
  const held = tryOwnership(folder)
  if (!held) {
    throw new UsageError(
      'run-owned',
      `Cannot delete run ${name} as it is in progress: \`azr stop ${name}\` first`,
    )
  }
  try {
    rmSync(folder, { recursive: true })
  } finally {
    held.release()
  }
}
