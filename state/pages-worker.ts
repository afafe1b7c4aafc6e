/** Reads the pages of any run in its own thread, so that no query delays an actor. */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink'
import { openForReading } from './database.ts'
import { portEndpoint } from './endpoint.ts'
import { readLabels } from './labels.ts'
import { describeRun, existingRun, type RunState, runNames } from './open.ts'
import { createPages, type PageName, type Pages } from './reader-pages.ts'

/** `inode` shows when a run was deleted and another of the same name began. */
type Open = { client: { close: () => void }; pages: Pages; inode: number }
const open = new Map<string, Open>()
const most = 32

function forget(folder: string): void {
  open.get(folder)?.client.close()
  open.delete(folder)
}

/** The pages of a run. The connection stays open for the next query. */
function pagesOf(folder: string): Pages {
  const path = join(folder, 'run.db')
  const inode = statSync(path).ino
  const known = open.get(folder)
  if (known?.inode === inode) return known.pages
  forget(folder)
  const oldest = open.size >= most ? [...open.keys()][0] : undefined
  if (oldest !== undefined) forget(oldest)
  const { client, db } = openForReading(path)
  const pages = createPages(db)
  open.set(folder, { client, pages, inode })
  return pages
}

/** Finding out whether a run has an owner takes a moment, and many callers ask at once. */
const freshMs = 250
const described = new Map<string, { atMs: number; state: RunState }>()

function describe(home: string, name: string): RunState {
  const known = described.get(name)
  // Labels are read every time, so that a change shows at once.
  if (known && Date.now() - known.atMs < freshMs) {
    return { ...known.state, labels: readLabels(existingRun(home, name)) }
  }
  described.delete(name)
  const state = describeRun(home, name)
  described.set(name, { atMs: Date.now(), state })
  return state
}

const api = {
  names: runNames,
  /** The runs that can be read. A damaged run does not hide the others. */
  runs: (home: string) =>
    runNames(home).flatMap(name => {
      try {
        return [describe(home, name)]
      } catch {
        return []
      }
    }),
  run: (home: string, name: string) => describe(home, name),
  /** Answers one query about one run. Forgets a run that was deleted meanwhile. */
  ask(home: string, name: string, page: PageName, args: unknown[]): unknown {
    let folder: string
    try {
      folder = existingRun(home, name)
    } catch (error) {
      for (const at of open.keys()) if (at.endsWith(`/${name}`)) forget(at)
      throw error
    }
    return (pagesOf(folder)[page] as (...args: unknown[]) => unknown)(...args)
  },
}

export type PagesWorker = typeof api

if (parentPort) expose(api, portEndpoint(parentPort))
