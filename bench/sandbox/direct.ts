/** Talks to one server without the front, lanes and judge, for the rows that use compiled code. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import { type SandboxProcess, startProcess } from '../../sandbox/process.ts'
import { jobBodies, readReply, type Unit } from '../../sandbox/unit.ts'

export type Compiled = { code: Buffer; call: Buffer; frame: Buffer }

/** A program's code with each of its eight inputs. */
export function compileAll(python: string): Compiled[][] {
  const script = join(import.meta.dirname, 'compile_programs.py')
  const args = ['-S', script]
  const all = execFileSync(python, args, { maxBuffer: 1 << 28 })
  const found: Compiled[] = []
  for (let at = 0; at < all.length; ) {
    const size = all.readUInt32LE(at)
    const body = all.subarray(at + 4, at + 4 + size)
    found.push({ ...parts(body), frame: all.subarray(at, at + 4 + size) })
    at += 4 + size
  }
  return Array.from({ length: found.length / 8 }, (_, i) => found.slice(8 * i, 8 * i + 8))
}

/** The two byte strings of a marshalled pair: `(` count 2, then `s` length bytes, twice. */
function parts(body: Buffer): { code: Buffer; call: Buffer } {
  const start = body[0] === 0xa9 || body[0] === 0x29 ? 2 : 5
  const size = body.readUInt32LE(start + 1)
  const code = body.subarray(start + 5, start + 5 + size)
  const next = start + 5 + size
  const callSize = body.readUInt32LE(next + 1)
  const positional = body.subarray(next + 5, next + 5 + callSize)
  return { code, call: payload(positional) }
}

/** The payload that the front makes of literal arguments: (True, (positional, {})), marshalled. */
function payload(positional: Buffer): Buffer {
  // `)` small tuple of 2; `T`; `)` small tuple of 2; the positional ones; `{` `0` an empty dict.
  return Buffer.concat([Buffer.from(')\x02T)\x02', 'latin1'), positional, Buffer.from('{0')])
}

export type Server = {
  pid: number
  run: (units: Compiled[], isShared: boolean) => Promise<number>
  stop: () => Promise<unknown>
}

const limits = { timeoutMs: 1000, memoryMb: 512, maxOutputBytes: 65536, runs: 1 } as const

function toUnit({ code, call }: Compiled): Unit {
  return {
    mode: 'call',
    entry: 'f',
    limits,
    code,
    payload: call,
    mayShare: true,
    tries: 0,
    addedAt: 0,
    settle: () => {},
    isDropped: () => false,
  }
}

/** One of our servers. `run` returns how many of the units returned a value. */
export async function startServer(python: string): Promise<Server> {
  const started: SandboxProcess = await startProcess({ python }, { name: 'server', hashSeed: 1 })
  let returned = 0
  let finish: (count: number) => void = () => {}
  started.onFrame(({ body }) => {
    const { reports, isDone } = readReply(body)
    returned += reports.filter(({ outcome }) => outcome === 'returned').length
    if (isDone) finish(returned)
  })
  return {
    pid: started.pid,
    run: (units, isShared) =>
      new Promise(resolve => {
        returned = 0
        finish = resolve
        started.send(null, jobBodies(units.map(toUnit), isShared))
      }),
    stop: () => {
      started.kill()
      return started.ended
    },
  }
}

/** The baseline, or the warm worker: one program per request. */
export function startBare(python: string, how: 'fork' | 'warm') {
  const script = join(import.meta.dirname, 'bare_fork.py')
  const child: ChildProcess = spawn(python, ['-s', '-S', '-P', script, how], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { PYTHONHASHSEED: '1' },
  })
  let held = Buffer.alloc(0)
  let take: (text: string) => void = () => {}
  child.stdout?.on('data', (chunk: Buffer) => {
    held = Buffer.concat([held, chunk])
    if (held.length < 4 || held.length < 4 + held.readUInt32LE(0)) return
    const text = held.toString('utf8', 4)
    held = Buffer.alloc(0)
    take(text)
  })
  return {
    pid: child.pid as number,
    run: ({ frame }: Compiled) =>
      new Promise<string>(resolve => {
        take = resolve
        child.stdin?.write(frame)
      }),
    stop: () => child.kill('SIGKILL'),
  }
}
