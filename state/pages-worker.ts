/** Reads any run's pages in a thread of its own, so that no query delays an actor. */
import { join } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { expose } from 'comlink'
import { openForReading } from './database.ts'
import { portEndpoint } from './endpoint.ts'
import { describeRun, existingRun, type RunState, runNames } from './open.ts'
import { createPages, type PageName, type Pages } from './reader-pages.ts'

type Open = { client: { close: () => void }; pages: Pages }
const open = new Map<string, Open>()
const most = 32

/** The pages of a run; the connection stays open for the next question. */
function pagesOf(folder: string): Pages {
  const known = open.get(folder)
  if (known) return known.pages
  const oldest = open.size >= most ? [...open.keys()][0] : undefined
  if (oldest !== undefined) {
    open.get(oldest)?.client.close()
    open.delete(oldest)
  }
  const { client, db } = openForReading(join(folder, 'run.db'))
  const pages = createPages(db)
  open.set(folder, { client, pages })
  return pages
}

/** Whether a run has an owner takes a moment to find out, and many ask at once. */
const freshMs = 250
const described = new Map<string, { atMs: number; state: RunState }>()

function describe(home: string, name: string): RunState {
  const known = described.get(name)
  if (known && Date.now() - known.atMs < freshMs) return known.state
  described.delete(name)
  const state = describeRun(home, name)
  described.set(name, { atMs: Date.now(), state })
  return state
}

const api = {
  names: runNames,
  /** Those that can be read: one damaged run hides no other. */
  runs: (home: string) =>
    runNames(home).flatMap(name => {
      try {
        return [describe(home, name)]
      } catch {
        return []
      }
    }),
  run: (home: string, name: string) => describe(home, name),
  /** One question about one run. A run that was deleted meanwhile is forgotten. */
  ask(home: string, name: string, page: PageName, args: unknown[]): unknown {
    let folder: string
    try {
      folder = existingRun(home, name)
    } catch (error) {
      for (const [at, { client }] of open) {
        if (!at.endsWith(`/${name}`)) continue
        client.close()
        open.delete(at)
      }
      throw error
    }
    return (pagesOf(folder)[page] as (...args: unknown[]) => unknown)(...args)
  },
}

export type PagesWorker = typeof api

if (parentPort) expose(api, portEndpoint(parentPort))
