/**
 * Starts one Python child in its own process group. The child watches a pipe on descriptor 0, so it
 * ends when our process does. Its standard error goes to a log.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

export type ChildOptions = {
  command: string
  args: string[]
  cwd: string
  /** The file that its standard error is appended to. */
  logPath: string
  /** The folder for its caches. */
  cacheDir: string
  threads: number
  pythonPath: string
  /** Extra pipes, from descriptor 3 on. */
  pipes: number
  /** Further environment variables. */
  env?: Record<string, string>
  /** Picks from the last lines that it wrote the reason why it ended. */
  reasonIn: (lines: readonly string[]) => string
  /** Time that it gets to end by itself, in ms (default 2000). */
  graceMs?: number
}

export type Child = {
  process: ChildProcess
  pid: number
  pipes: (Readable & Writable)[]
  /** Called with each line of its standard error. */
  onLine: (listener: (line: string) => void) => void
  /** Resolves when it has ended, with how it ended and the last line it wrote. */
  ended: Promise<string>
  stop: () => Promise<void>
}

const usualGraceMs = 2000

/** The environment variables that the child gets. It gets no secrets. */
function environment({ cacheDir, threads, pythonPath, env }: ChildOptions): NodeJS.ProcessEnv {
  const { PATH, LANG, LD_LIBRARY_PATH, CUDA_VISIBLE_DEVICES, CUDA_HOME, CC } = process.env
  // Cards are counted as nvidia-smi counts them, and not the fastest first.
  const { CUDA_DEVICE_ORDER = 'PCI_BUS_ID' } = process.env
  // Threads that wait for work in a busy loop take the cores from the other child.
  const { OMP_WAIT_POLICY = 'PASSIVE' } = process.env
  const cards = { CUDA_VISIBLE_DEVICES, CUDA_DEVICE_ORDER, CUDA_HOME }
  const kept = { PATH, LANG, LD_LIBRARY_PATH, CC, ...cards }
  return {
    ...Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined)),
    HOME: cacheDir,
    XDG_CACHE_HOME: cacheDir,
    HF_HOME: cacheDir,
    TMPDIR: process.env.TMPDIR ?? '/tmp',
    PYTHONPATH: pythonPath,
    PYTHONHASHSEED: '0',
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
    MKL_NUM_THREADS: String(threads),
    OMP_WAIT_POLICY,
    HF_HUB_OFFLINE: '1',
    TRANSFORMERS_OFFLINE: '1',
    HF_HUB_DISABLE_TELEMETRY: '1',
    DO_NOT_TRACK: '1',
    ...env,
  }
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // It has ended already.
  }
}

/**
 * A lower priority than ours: on a busy machine messages and the page must not wait for it. With
 * Linux's autogroup it has no effect, as a child has a session of its own. We leave it so: lowering
 * the session would lower the child below all other programs, too.
 */
const nicer = 5
const nicest = 19

function stepBack(pid: number): void {
  try {
    setPriority(pid, Math.min(nicest, getPriority() + nicer))
  } catch {
    // It has ended already, or we may not change it.
  }
}

export function startChild(options: ChildOptions): Child {
  mkdirSync(dirname(options.logPath), { recursive: true })
  mkdirSync(options.cacheDir, { recursive: true })
  const log = createWriteStream(options.logPath, { flags: 'a' })
  // A log that cannot be written, for example on a full disk, must not end the run.
  log.on('error', () => {})
  const extra = Array.from({ length: options.pipes }, () => 'pipe' as const)
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: environment(options),
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe', ...extra],
  })
  // Lower it before the child starts threads: new threads inherit the priority.
  if (child.pid) stepBack(child.pid)
  const listeners: ((line: string) => void)[] = []
  const recent: string[] = []
  createInterface({ input: child.stderr as Readable }).on('line', line => {
    log.write(`${line}\n`)
    recent.push(line)
    if (recent.length > 400) recent.shift()
    for (const listener of listeners) listener(line)
  })
  const pipes = child.stdio.slice(3) as (Readable & Writable)[]
  for (const stream of [child.stdin, ...pipes]) stream?.on('error', () => {})
  const ended = new Promise<string>(resolve => {
    child.once('error', error => resolve(`could not start: ${error.message}`))
    // Its own children may hold its standard error open. Without this, `close` would never come.
    child.once('exit', () => child.pid && killGroup(child.pid, 'SIGKILL'))
    // `close`, not `exit`: only then has its standard error been read to the end.
    child.once('close', (code, signal) => {
      if (child.pid) killGroup(child.pid, 'SIGKILL')
      log.end()
      const how = signal ? `was killed by ${signal}` : `exited with code ${code}`
      resolve([how, options.reasonIn(recent)].filter(Boolean).join(': '))
    })
  })
  const stop = async () => {
    if (child.pid === undefined) return
    killGroup(child.pid, 'SIGTERM')
    const graceMs = options.graceMs ?? usualGraceMs
    const timer = setTimeout(() => killGroup(child.pid as number, 'SIGKILL'), graceMs)
    await ended
    clearTimeout(timer)
  }
  const pid = child.pid ?? -1
  return { process: child, pid, pipes, onLine: l => listeners.push(l), ended, stop }
}
