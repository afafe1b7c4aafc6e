/**
 * Runs programs to their end, without standard input, and keeps their output. For long-running
 * children see child.ts. Set-up uses this before any package is installed, so it needs only Node.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

export type Ran = { code: number; output: string }
export type ProgramOptions = {
  cwd: string
  env?: NodeJS.ProcessEnv
  /** The file that its output is appended to. */
  logPath?: string
}

/** The program was not started or not finished, because `signalPrograms` was called. */
export class Interrupted extends Error {}

const keptLength = 20_000
const running = new Set<ChildProcess>()
let isInterrupted = false

/**
 * Signals all running programs and their children, and lets no other start. Returns their number.
 */
export function signalPrograms(signal: NodeJS.Signals): number {
  isInterrupted = true
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, signal)
    } catch {
      // The group has ended already.
    }
  }
  return running.size
}

/** Returns code 127 if the program cannot start. Rejects with Interrupted. */
export async function runProgram(
  command: string,
  args: string[],
  { logPath, ...options }: ProgramOptions,
): Promise<Ran> {
  if (isInterrupted) throw new Interrupted('stopped')
  const sink = logPath === undefined ? 'pipe' : openSync(logPath, 'a')
  const child = spawn(command, args, { ...options, detached: true, stdio: ['ignore', sink, sink] })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-keptLength)
    })
  }
  const code = await new Promise<number>(resolve => {
    child.on('error', error => {
      output = String(error)
      resolve(127)
    })
    child.on('close', code => resolve(code ?? 1))
  })
  running.delete(child)
  if (typeof sink === 'number') closeSync(sink)
  if (isInterrupted) throw new Interrupted('stopped')
  return { code, output: logPath === undefined ? output : readFileSync(logPath, 'utf8') }
}
