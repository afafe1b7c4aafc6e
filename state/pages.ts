/** Queries a worker thread for the pages of all runs in a home folder. */
import { Worker } from 'node:worker_threads'
import { wrap } from 'comlink'
import { codeOf, UsageError } from '../domain/errors.ts'
import { workerEndpoint } from './endpoint.ts'
import type { RunState } from './open.ts'
import type { PagesWorker } from './pages-worker.ts'
import type { PageName, Pages } from './reader-pages.ts'

export type AsyncPages = {
  [Name in PageName]: (...args: Parameters<Pages[Name]>) => Promise<ReturnType<Pages[Name]>>
}

export type Library = {
  /** Names of all runs, including damaged ones. */
  names: () => Promise<string[]>
  /** The runs that can be read. */
  runs: () => Promise<RunState[]>
  /** Throws UsageError if there is no such run. */
  run: (name: string) => Promise<RunState>
  of: (name: string) => AsyncPages
  close: () => Promise<void>
}

/** An error that crosses a thread loses its class but keeps its name. */
function revive(error: unknown): never {
  const { name, message } = error as Error
  throw name === 'UsageError' ? new UsageError(codeOf(error), message) : error
}

export function openLibrary(home: string): Library {
  const url = new URL('./pages-worker.ts', import.meta.url)
  const worker = new Worker(url, { execArgv: [] })
  const api = wrap<PagesWorker>(workerEndpoint(worker, 'page reader'))
  return {
    names: () => api.names(home).catch(revive),
    runs: () => api.runs(home).catch(revive),
    run: name => api.run(home, name).catch(revive),
    of: name =>
      new Proxy({} as AsyncPages, {
        get:
          (_, page: PageName) =>
          (...args: unknown[]) =>
            api.ask(home, name, page, args).catch(revive),
      }),
    async close() {
      // Waits for the current query: Node aborts if a thread ends while it loads better-sqlite3.
      await api.names(home).catch(() => {})
      await worker.terminate()
    },
  }
}
