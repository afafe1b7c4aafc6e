/** Runs the programs of set-up: no standard input, output kept for the error message, all ended with us. */
import { type ChildProcess, spawn } from 'node:child_process'

/** Set-up cannot go on; the message says what to do. */
export class SetupError extends Error {}
export class Interrupted extends Error {}

export type Ran = { code: number; output: string }
type Options = { cwd: string; env?: NodeJS.ProcessEnv; signal?: never }

const running = new Set<ChildProcess>()
let interrupted = false

/** Each child leads a group of its own, so that what it started ends with it. */
function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal)
  } catch {
    // The group is gone already.
  }
}

export function stopChildren(): void {
  interrupted = true
  for (const child of running) end(child, 'SIGTERM')
  setTimeout(() => {
    for (const child of running) end(child, 'SIGKILL')
  }, 3000).unref()
  if (running.size === 0) process.exit(130)
}

/** A launcher that was killed cannot tell us. */
export function watchParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) stopChildren()
  }, 300).unref()
}

export function run(command: string, args: string[], options: Options): Promise<Ran> {
  if (interrupted) throw new Interrupted()
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let output = ''
    const keep = (chunk: string) => {
      output = (output + chunk).slice(-20_000)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    child.on('error', error => {
      running.delete(child)
      resolve({ code: 127, output: String(error) })
    })
    child.on('close', code => {
      running.delete(child)
      if (interrupted) reject(new Interrupted())
      else resolve({ code: code ?? 1, output })
    })
  })
}

/** Runs it, or throws with the end of what it said. */
export async function need(
  what: string,
  command: string,
  args: string[],
  options: Options,
): Promise<string> {
  const { code, output } = await run(command, args, options)
  if (code === 0) return output
  throw new SetupError(`Cannot ${what}: ${command} ended with ${code}\n${lastLines(output)}`)
}

export function lastLines(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-15)
  return lines.map(line => `  | ${line}`).join('\n')
}
