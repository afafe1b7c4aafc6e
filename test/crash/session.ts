/** One session of a run: `azr` with the witness loaded, and a watch on its state. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'

const root = join(import.meta.dirname, '..', '..')

export type Session = {
  child: ChildProcess
  said: () => string
  /** Resolves with the exit code; null if it was killed. */
  ended: Promise<number | null>
  /** States of the run machine that were entered since the last poll, newest last. */
  look: () => string[]
  close: () => void
}

function stateReader(path: string) {
  let client: Database.Database | null = null
  let seen = -1
  const sql = `select seq, json_extract(body, '$.state') as state from messages
    where sender = 'run' and type = 'machine.changed' and seq > ? order by seq`
  return {
    look(): string[] {
      try {
        client ??= existsSync(path) ? new Database(path, { readonly: true, timeout: 1000 }) : null
        if (!client) return []
        const isFirst = seen < 0
        const rows = client.prepare(sql).all(seen) as { seq: number; state: string }[]
        seen = rows.at(-1)?.seq ?? Math.max(seen, 0)
        // Ignore the states of earlier sessions.
        return isFirst ? [] : rows.map(({ state }) => state)
      } catch {
        // Not made yet.
        return []
      }
    },
    close: () => client?.close(),
  }
}

/** Living sessions, which an interrupt ends. */
export const alive = new Set<ChildProcess>()

export function begin(args: string[], home: string, name: string, witness: string): Session {
  const entry = join(root, 'src', 'cli', 'main.ts')
  const eye = join(import.meta.dirname, 'witness.ts')
  const child = spawn(process.execPath, ['--import', eye, entry, ...args, '--no-serve'], {
    cwd: root,
    env: { ...process.env, AZR_HOME: home, AZR_WITNESS: witness },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  alive.add(child)
  child.once('close', () => alive.delete(child))
  let said = ''
  child.stderr.on('data', chunk => {
    said = (said + chunk).slice(-20_000)
  })
  const states = stateReader(join(home, name, 'run.db'))
  states.look()
  return {
    child,
    said: () => said,
    ended: once(child, 'close').then(([code]) => code as number | null),
    ...states,
  }
}

/** Resolves when a state of the set is entered, or null when the session ends first. */
export async function whenIn(session: Session, wanted: (state: string) => boolean) {
  for (;;) {
    const state = session.look().at(-1)
    if (state !== undefined && wanted(state)) return state
    if (session.child.exitCode !== null || session.child.signalCode !== null) return null
    await sleep(4)
  }
}

/** How long each state lasted in a run: the median in ms. */
export function durations(folder: string): Map<string, number> {
  const client = new Database(join(folder, 'run.db'), { readonly: true })
  const rows = client
    .prepare(
      `select at_ms, json_extract(body, '$.state') as state from messages
       where sender = 'run' and type = 'machine.changed' order by seq`,
    )
    .all() as { at_ms: number; state: string }[]
  client.close()
  const spans = rows.slice(1).map((next, i) => {
    const { state, at_ms } = rows[i] as (typeof rows)[number]
    return { state, ms: next.at_ms - at_ms }
  })
  const middle = (all: number[]) => all.sort((a, b) => a - b)[all.length >> 1] ?? 0
  const byState = Map.groupBy(spans, ({ state }) => state)
  return new Map([...byState].map(([state, all]) => [state, middle(all.map(({ ms }) => ms))]))
}

export const witnessed = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
