/**
 * Starts vLLM as a child process, under a supervisor that leaves nothing behind (trainer/azr_vllm).
 * docs/explanation/engine.md explains each flag and variable.
 */
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { visible } from '../config/cards.ts'
import type { SleepLevel } from './load.ts'
import { serverOf } from './server.ts'
import { startServer } from './server-process.ts'
import type { EngineServer } from './types.ts'

export type VllmOptions = {
  python: string
  pythonPath: string
  /** A Hugging Face folder. */
  model: string
  logPath: string
  cacheDir: string
  device: 'cpu' | 'cuda'
  dtype: 'float32' | 'bfloat16'
  /** The cards to compute on (CUDA); null means the first one. */
  cards: readonly number[] | null
  /** The format in which linear layers are loaded (CUDA). */
  quantization: string | null
  threads: number
  maxBatch: number
  maxLength: number
  /** Memory of keys and values; null lets vLLM decide. */
  kvCacheMb: number | null
  /** Share of the card's memory (CUDA). */
  memoryShare: number
  /** Highest rank of an adapter; 0 means that none is loaded. */
  loraRank: number
  sleepLevel: SleepLevel | null
  /**
   * Whether a bfloat16 head is computed in bfloat16 (CUDA). Otherwise it is computed in fp32, like
   * the learner's.
   */
  isHeadHalf?: boolean
  concurrency: number
  deadlineMs: number
  silenceMs: number
  /** A class that is mixed into the worker, with which tests cause faults. */
  extension?: string
  /** Called with the progress of the start. */
  onProgress?: (what: string) => void
}

/** The options that a server's flags depend on. */
export type Given = Pick<
  VllmOptions,
  | 'model'
  | 'device'
  | 'dtype'
  | 'cards'
  | 'quantization'
  | 'maxBatch'
  | 'maxLength'
  | 'kvCacheMb'
  | 'memoryShare'
  | 'loraRank'
  | 'sleepLevel'
  | 'isHeadHalf'
  | 'extension'
>

/** The values that vLLM's `--max-lora-rank` accepts. */
const ranks = [1, 8, 16, 32, 64, 128, 256, 320, 512]

const roomFor = (rank: number) => ranks.find(one => one >= rank) ?? rank

/**
 * Flags of a server into which we can load policies, and whose answers we can use, whether we
 * started it or not.
 */
export function serverFlags(
  options: Pick<VllmOptions, 'maxLength' | 'loraRank' | 'extension'>,
): string[] {
  const { maxLength, loraRank, extension = 'azr_vllm.worker.Weights' } = options
  return [
    '--served-model-name',
    'policy',
    '--max-model-len',
    String(maxLength),
    '--logprobs-mode',
    'processed_logprobs',
    '--generation-config',
    'vllm',
    '--disable-access-log-for-endpoints',
    '/health,/metrics',
    '--worker-extension-cls',
    extension,
    '--middleware',
    'azr_vllm.stamp.Stamp',
    ...(loraRank > 0
      ? ['--enable-lora', '--max-lora-rank', String(roomFor(loraRank)), '--max-loras', '2']
      : []),
  ]
}

export const serverEnvironment = {
  VLLM_SERVER_DEV_MODE: '1',
  VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True',
  VLLM_HTTP_TIMEOUT_KEEP_ALIVE: '600',
}

function cpuFlags({ maxLength, maxBatch, kvCacheMb }: Given): string[] {
  // With a seed, a prompt that is split into chunks kills the CPU engine, so a batch fits any whole
  // prompt.
  const tokens = Math.max(maxLength, 2048)
  return [
    '--enforce-eager',
    '--no-enable-chunked-prefill',
    '--max-num-seqs',
    String(maxBatch),
    '--max-num-batched-tokens',
    String(tokens),
    '--kv-cache-memory-bytes',
    String((kvCacheMb ?? 1024) * 2 ** 20),
  ]
}

function cudaFlags(options: Given): string[] {
  const { maxBatch, kvCacheMb, memoryShare, sleepLevel, cards, quantization } = options
  return [
    ...(options.dtype === 'bfloat16' && !options.isHeadHalf ? exactHead : []),
    ...(quantization === null ? [] : ['--quantization', quantization]),
    ...(cards && cards.length > 1 ? ['--tensor-parallel-size', String(cards.length)] : []),
    '--max-num-seqs',
    String(maxBatch),
    '--gpu-memory-utilization',
    String(memoryShare),
    ...(kvCacheMb === null ? [] : ['--kv-cache-memory-bytes', String(kvCacheMb * 2 ** 20)]),
    ...(sleepLevel === null ? [] : ['--enable-sleep-mode']),
  ]
}

/** The learner computes its head in fp32. A bfloat16 head would cause most of the difference. */
const exactHead = ['--hf-overrides', '{"head_dtype":"float32"}']

export function environmentOf({ device, cards }: VllmOptions): Record<string, string> {
  // vLLM's second model runner computes log-probabilities of a prompt 1,024 tokens at a time. The
  // first runner, the only one on a CPU, takes a whole batch: 7 GiB for a vocabulary of 152,000.
  const runner = device === 'cpu' ? '0' : '1'
  const both = { ...serverEnvironment, VLLM_NO_USAGE_STATS: '1', VLLM_USE_V2_MODEL_RUNNER: runner }
  if (device === 'cuda') return { ...both, ...visible(cards) }
  // By default vLLM binds itself to all cores but one, even if other processes use them.
  const unbound = { VLLM_CPU_OMP_THREADS_BIND: 'nobind' }
  return { ...both, ...unbound, TORCHDYNAMO_DISABLE: '1', CUDA_VISIBLE_DEVICES: '' }
}

/** All flags of the server that we start, at this address. */
export function vllmFlags(options: Given, port: number): string[] {
  const { model, device, dtype } = options
  return [
    '--model',
    model,
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--dtype',
    dtype,
    ...serverFlags(options),
    ...(device === 'cpu' ? cpuFlags(options) : cudaFlags(options)),
  ]
}

/** Finds a free port. On a busy port another server would answer instead of ours. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

const phases: [RegExp, string][] = [
  [/Initializing a V1 LLM engine/, 'starting its engine'],
  [/Starting to load model/, 'loading the model'],
  [/Loading weights took/, 'weights are loaded'],
  [/GPU KV cache size|CPU KV cache size|# CPU blocks/, 'memory is laid out'],
  [/Graph capturing/, 'capturing graphs'],
  [/Starting vLLM/, 'opening its port'],
]

/** Waits until it is healthy. The death of the process ends the wait elsewhere. */
async function untilHealthy(port: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const found = await fetch(`http://127.0.0.1:${port}/health`, { signal }).catch(() => null)
    if (found?.status === 200) return
    await sleep(250, undefined, { signal })
  }
}

/** Rejects with EngineGone and the most useful line of its log if it cannot start. */
export async function startVllm(options: VllmOptions, signal?: AbortSignal): Promise<EngineServer> {
  const { python, pythonPath, cacheDir, onProgress } = options
  const { logPath, threads, concurrency, deadlineMs, silenceMs, sleepLevel } = options
  const port = await freePort()
  const args = [
    '-m',
    'azr_vllm',
    '--state',
    join(cacheDir, 'engines'),
    '--',
    ...vllmFlags(options, port),
  ]
  const over = new AbortController()
  const findPort = async (onLine: (listener: (line: string) => void) => void) => {
    onLine(line => {
      const found = phases.find(([pattern]) => pattern.test(line))
      if (found) onProgress?.(found[1])
    })
    await untilHealthy(port, over.signal)
    return port
  }
  try {
    const server = await startServer(
      {
        command: python,
        args,
        cwd: cacheDir,
        pythonPath,
        logPath,
        cacheDir,
        threads,
        pipes: 0,
        env: environmentOf(options),
        graceMs: 7000,
        concurrency,
        deadlineMs,
        findPort,
      },
      signal,
    )
    return serverOf(server, { silenceMs, sleepLevel })
  } finally {
    over.abort()
  }
}
