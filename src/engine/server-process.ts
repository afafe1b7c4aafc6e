/** Starts an engine server as a child process, and waits until it listens. */

import { EngineGone } from '../../domain/errors.ts'
import { type ChildOptions, startChild } from '../../lib/child.ts'
import { reasonIn } from '../config/advice.ts'
import { createHttp, type Http } from './http.ts'

export type ServerProcess = {
  pid: number
  http: Http
  /** Rejects with EngineGone when the process ends; never resolves. */
  gone: Promise<never>
  death: () => EngineGone | null
  stop: () => Promise<void>
}

type Options = Omit<ChildOptions, 'reasonIn'> & {
  concurrency: number
  deadlineMs: number
  /** How long an idle connection is kept. */
  keepIdleMs?: number
  /** Resolves with the port when it listens. `race` rejects if it dies first. */
  findPort: (onLine: (listener: (line: string) => void) => void) => Promise<number>
}

/** Rejects with EngineGone and the most useful line of its log if it cannot start. */
export async function startServer(options: Options, signal?: AbortSignal): Promise<ServerProcess> {
  const { concurrency, deadlineMs, keepIdleMs, findPort, ...childOptions } = options
  const child = startChild({ ...childOptions, reasonIn })
  let death: EngineGone | null = null
  const gone = child.ended.then((how): never => {
    death = new EngineGone('engine-gone', `The engine ${how}`)
    throw death
  })
  gone.catch(() => {})
  const aborted = new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
  aborted.catch(() => {})
  const port = await Promise.race([findPort(child.onLine), gone, aborted]).catch(async error => {
    await child.stop()
    throw error
  })
  const url = `http://127.0.0.1:${port}`
  const http = createHttp({ url, concurrency, deadlineMs, keepIdleMs, death: () => death })
  const stop = async () => {
    await http.close()
    await child.stop()
  }
  return { pid: child.pid, http, gone, death: () => death, stop }
}
