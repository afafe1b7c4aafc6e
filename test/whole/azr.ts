/** Starts `azr` like a user, and checks what it leaves behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '..', '..')

export type Azr = {
  child: ChildProcess
  pid: number
  /** The output so far. */
  said: { out: string; err: string }
  /** Resolves when a line on standard error matches. */
  says: (pattern: RegExp, withinMs?: number) => Promise<void>
  ended: Promise<{ code: number | null; out: string; err: string }>
}

type Options = { home?: string; input?: string; env?: Record<string, string> }

export function start(args: string[], options: Options): Azr {
  const entry = join(root, 'src', 'cli', 'main.ts')
  const home = options.home === undefined ? {} : { AZR_HOME: options.home }
  const env = { ...process.env, ...home, ...options.env }
  const child = spawn(process.execPath, [entry, ...args], { cwd: root, env })
  const said = { out: '', err: '' }
  child.stdout.on('data', chunk => {
    said.out += chunk
  })
  child.stderr.on('data', chunk => {
    said.err += chunk
  })
  child.stdin.end(options.input ?? '')
  const ended = once(child, 'close').then(([code]) => ({ code, ...said }))
  const says = async (pattern: RegExp, withinMs = 90_000) => {
    const until = Date.now() + withinMs
    while (!pattern.test(said.err)) {
      if (Date.now() > until || child.exitCode !== null) {
        throw new Error(`azr ${args.join(' ')} never said ${pattern}:\n${said.err}`)
      }
      await sleep(20)
    }
  }
  return { child, pid: child.pid as number, said, says, ended }
}

export const azr = (args: string[], options: Options) => start(args, options).ended

type Process = { pid: number; parent: number; command: string }

function processes(): Process[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return [{ pid: Number(name), parent, command }]
      } catch {
        return []
      }
    })
}

/** Children of a process, of those whose command line matches. */
export function childrenOf(pid: number, pattern = /./): number[] {
  return processes().flatMap(found =>
    found.parent === pid && pattern.test(found.command) ? [found.pid] : [],
  )
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^\S+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until all of them have ended. Returns those that have not. */
export async function survivors(pids: number[], withinMs = 5000): Promise<number[]> {
  const until = Date.now() + withinMs
  while (pids.some(isAlive) && Date.now() < until) await sleep(50)
  return pids.filter(isAlive)
}
