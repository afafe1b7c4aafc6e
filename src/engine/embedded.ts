/** Starts the embedded engine server and loads policies into it. */

import { startChild } from '../child.ts'
import { EngineGone } from '../errors.ts'
import { createHttp, createSampler, type Http } from './sampler.ts'
import type { EngineServer } from './types.ts'

export type EmbeddedOptions = {
  python: string
  pythonPath: string
  /** A Hugging Face folder. */
  model: string
  logPath: string
  cacheDir: string
  threads: number
  maxBatch: number
  maxLength: number
  concurrency: number
  deadlineMs: number
}

function readyPort(line: string): number | null {
  try {
    const { event, port } = JSON.parse(line)
    return event === 'ready' ? port : null
  } catch {
    return null
  }
}

/** Pause, load, reset the prefix cache, resume: each answer is checked. */
async function load(http: Http, path: string, version: number, signal?: AbortSignal) {
  await http.post('/pause?mode=wait', {}, signal)
  try {
    const kwargs = { path, version }
    await http.post('/collective_rpc', { method: 'load_weights', kwargs }, signal)
    const reset = (await http.post('/reset_prefix_cache', {}, signal)) as { success?: boolean }
    if (!reset.success) throw new Error('The engine did not reset its prefix cache')
  } finally {
    await http.post('/resume', {}, signal)
  }
}

/** Rejects with EngineGone, naming the last thing that the server said, where it cannot start. */
export async function startEmbeddedEngine(
  options: EmbeddedOptions,
  signal?: AbortSignal,
): Promise<EngineServer> {
  const { python, pythonPath, model, threads, maxBatch, maxLength } = options
  const args = [
    '-m',
    'azr_engine',
    '--model',
    model,
    '--port',
    '0',
    '--threads',
    String(threads),
    '--max-batch',
    String(maxBatch),
    '--max-length',
    String(maxLength),
  ]
  const { logPath, cacheDir } = options
  const child = startChild({
    command: python,
    args,
    cwd: pythonPath,
    logPath,
    cacheDir,
    threads,
    pythonPath,
    pipes: 0,
  })
  let death: EngineGone | null = null
  const gone = child.ended.then((how): never => {
    death = new EngineGone(`The engine ${how}`)
    throw death
  })
  gone.catch(() => {})
  const aborted = new Promise<never>((_, reject) =>
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
  )
  aborted.catch(() => {})
  const ready = new Promise<number>(resolve =>
    child.onLine(line => {
      const port = readyPort(line)
      if (port !== null) resolve(port)
    }),
  )
  const port = await Promise.race([ready, gone, aborted]).catch(async error => {
    await child.stop()
    throw error
  })
  const url = `http://127.0.0.1:${port}`
  const { concurrency, deadlineMs } = options
  const http = createHttp({ url, concurrency, deadlineMs, death: () => death })
  return {
    pid: child.pid,
    url,
    gone,
    sampler: createSampler(http),
    load: (path, version, loadSignal) => load(http, path, version, loadSignal),
    async stop() {
      await http.close()
      await child.stop()
    },
  }
}
