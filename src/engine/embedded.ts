/** Starts the embedded engine: a small server in the trainer's Python environment. */
import { serverOf } from './server.ts'
import { startServer } from './server-process.ts'
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
  /** Longest time that one request may take. */
  deadlineMs: number
  /** Longest time without an answer while requests are open. */
  silenceMs?: number
}

/** Connections outlive an update, which takes longer than 4 s. The server keeps them 600 s. */
const keepIdleMs = 300_000

function readyPort(line: string): number | null {
  try {
    const { event, port } = JSON.parse(line)
    return event === 'ready' ? port : null
  } catch {
    return null
  }
}

type Sizes = Pick<EmbeddedOptions, 'model' | 'threads' | 'maxBatch' | 'maxLength'>

export function embeddedFlags({ model, threads, maxBatch, maxLength }: Sizes): string[] {
  const numbers = { port: 0, threads, 'max-batch': maxBatch, 'max-length': maxLength }
  const flags = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])
  return ['-m', 'azr_engine', '--model', model, ...flags]
}

/** Rejects with EngineGone and the server's last line if it cannot start. */
export async function startEmbeddedEngine(
  options: EmbeddedOptions,
  signal?: AbortSignal,
): Promise<EngineServer> {
  const { python, pythonPath, threads, ...rest } = options
  const findPort = (onLine: (listener: (line: string) => void) => void) =>
    new Promise<number>(resolve =>
      onLine(line => {
        const port = readyPort(line)
        if (port !== null) resolve(port)
      }),
    )
  const server = await startServer(
    {
      ...rest,
      command: python,
      args: embeddedFlags(options),
      cwd: pythonPath,
      pythonPath,
      threads,
      keepIdleMs,
      pipes: 0,
      findPort,
    },
    signal,
  )
  return serverOf(server, { silenceMs: options.silenceMs ?? options.deadlineMs })
}
