/**
 * One Python process of the sandbox: frames in on its standard input, frames out on its standard
 * output. Both close with our process, so that it ends too. What is sent, and when, is decided in
 * front.ts and lane.ts.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SandboxGone } from '../domain/errors.ts'
import type { Layer } from '../domain/execution.ts'
import { lastLine } from '../lib/formats.ts'
import { createDecoder, encodeFrame, type Frame } from '../lib/frames.ts'

export type Role = { name: 'front'; hashSeed: 0 } | { name: 'server'; hashSeed: number }

/** How processes are started. It is the same for every process of a sandbox. */
export type Launch = {
  python: string
  /**
   * Layers to leave out in tests of the others: namespaces, root, user, landlock, limits, `screen`
   * (nothing is refused, all run alone) or `alone` (nothing is refused, all share children).
   */
  without?: readonly string[]
  /** The user to start them as: for tests, and only as root. */
  uid?: number
  profile?: Profile | undefined
}

/** A folder of additional packages, and the modules to load before forking. */
export type Profile = { packages: string; preload: readonly string[] }

export type Ending = { signal: string | null; error: SandboxGone }

export type SandboxProcess = {
  pid: number
  layers: Layer[]
  send: (header: object | null, bodies?: readonly Uint8Array[]) => void
  onFrame: (listener: (frame: Frame) => void) => void
  kill: () => void
  /** Resolves when it is gone. */
  ended: Promise<Ending>
}

/** The longest frame of azr_sandbox/wire.py. */
const maxFrame = 64 << 20
// A template waits here, and its children work here, as deep in frames as a script's code. The
// first line is what `ps` shows.
const launcher = (role: string) => `# azr_sandbox ${role}
from azr_sandbox.start import main
from azr_sandbox.child import live
template, place, stir = main()
page = template.loop.page
stir()
if template.loop.wait(page) == 0:
    live(place)
`
const home = dirname(fileURLToPath(import.meta.url))
const startMs = 20_000
// sympy and math-verify take a second of CPU time to load and warm up.
const startWithPackagesMs = 60_000
const threads = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' }

function start({ python, without, uid, profile }: Launch, role: Role): ChildProcess {
  // -I would ignore PYTHONHASHSEED. -S leaves out site-packages, -P the current folder. Not -B: our
  // modules are compiled once, next to their source, if that is writable.
  const args = ['-s', '-S', '-P', '-X', 'utf8', '-c', launcher(role.name), role.name]
  if (without?.length) args.push(`--without=${without.join(',')}`)
  if (profile) args.push(`--packages=${profile.packages}`, `--preload=${profile.preload.join(',')}`)
  const env = {
    PYTHONPATH: home,
    PYTHONHASHSEED: String(role.hashSeed),
    PATH: '/usr/bin:/bin',
    // Otherwise each child would look up symbols that the server never called.
    LD_BIND_NOW: '1',
    ...(profile ? threads : {}),
  }
  const user = uid === undefined ? {} : { uid, gid: uid }
  return spawn(python, args, { env, cwd: '/', detached: true, stdio: 'pipe', ...user })
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/** Resolves when the process is gone, with the last text that it wrote, if any. */
function watchEnd(child: ChildProcess, role: Role): Promise<Ending> {
  let words = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-2000)
  })
  const ending = (signal: string | null, how: string): Ending => {
    const last = lastLine(words)
    const said = last ? `: ${last}` : ''
    return {
      signal,
      error: new SandboxGone('sandbox-gone', `The sandbox's ${role.name} ${how}${said}`),
    }
  }
  return new Promise(resolve => {
    child.once('error', error => resolve(ending(null, `could not start: ${error.message}`)))
    child.once('close', (code, signal) => {
      resolve(ending(signal, signal ? `was killed by ${signal}` : `exited with code ${code}`))
    })
  })
}

/** Starts a front or a server, and waits until it reports itself. */
export async function startProcess(launch: Launch, role: Role): Promise<SandboxProcess> {
  const child = start(launch, role)
  const ended = watchEnd(child, role)
  const kill = () => killGroup(child)
  let hear: (frame: Frame) => void = () => {}
  const hello = new Promise<Frame>(resolve => {
    hear = resolve
  })
  child.stdin?.on('error', () => {})
  const feed = createDecoder(frame => hear(frame), maxFrame)
  child.stdout?.on('data', (chunk: Buffer) => {
    try {
      feed(chunk)
    } catch {
      kill()
    }
  })
  const overdue = setTimeout(kill, launch.profile ? startWithPackagesMs : startMs)
  const first = await Promise.race([hello, ended])
  clearTimeout(overdue)
  if ('error' in first) throw first.error
  const { refused, layers } = first.header
  if (typeof refused === 'string') throw new SandboxGone('sandbox-unavailable', refused)
  return {
    pid: child.pid as number,
    layers: layers as Layer[],
    send: (header, bodies) => void child.stdin?.write(encodeFrame(header, bodies)),
    onFrame: listener => {
      hear = listener
    },
    kill,
    ended,
  }
}
