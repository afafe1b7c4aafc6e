/**
 * Ownership of a run. The owner holds a transaction open on owner.db, which nothing else uses. The
 * operating system ends it when the process dies, for any reason.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { RunOwned } from '../domain/errors.ts'
import { openForReading } from './database.ts'

export type Ownership = { release: () => void }

const isBusy = (error: unknown) => (error as { code?: string }).code?.startsWith('SQLITE_BUSY')

/** Takes ownership of a run; null if another process has it. */
export function tryOwnership(folder: string, timeout = 200): Ownership | null {
  const client = new Database(join(folder, 'owner.db'), { timeout })
  try {
    client.exec('begin immediate')
  } catch (error) {
    client.close()
    if (isBusy(error)) return null
    throw error
  }
  return { release: () => client.close() }
}

/** The pid in the newest event of a run. */
export function lastPid(folder: string): number | null {
  const { client } = openForReading(join(folder, 'run.db'))
  try {
    const row = client.prepare('select process_pid as pid from run_events order by seq desc').get()
    return (row as { pid: number } | undefined)?.pid ?? null
  } finally {
    client.close()
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

const patienceMs = 2000
const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * The pid of the owner. Just after a death the newest event still has the old pid, so this waits.
 */
function ownerPid(folder: string): number | null {
  const until = Date.now() + patienceMs
  for (;;) {
    const pid = existsSync(join(folder, 'run.db')) ? lastPid(folder) : null
    if ((pid !== null && isAlive(pid)) || Date.now() > until) return pid
    Atomics.wait(pause, 0, 0, 50)
  }
}

/** Takes a run. Throws RunOwned with the owner's pid if another process has it. */
export function takeOwnership(folder: string, name: string): Ownership {
  const held = tryOwnership(folder)
  if (held) return held
  const pid = ownerPid(folder)
  throw new RunOwned(
    'run-owned',
    `Cannot take run ${name} as process ${pid ?? 'unknown'} is working on it: ` +
      `see \`azr status\`, or end it with \`azr stop ${name}\``,
  )
}

/** Whether a process works on the run now. */
export function isOwned(folder: string): boolean {
  if (!existsSync(join(folder, 'owner.db'))) return false
  // Other processes that check hold the lock only briefly. A short wait tells them from an owner.
  const held = tryOwnership(folder, 20)
  held?.release()
  return held === null
}
