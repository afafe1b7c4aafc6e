/**
 * Programs that run to their end, with no standard input; what they say is kept. For one that serves
 * see child.ts. Set-up runs this before there is any package: it needs Node alone.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'

export type Ran = { code: number; output: string }
export type ProgramOptions = {
  cwd: string
  env?: NodeJS.ProcessEnv
  /** File that what it says is added to. */
  logPath?: string
}

/** It was to run when `signalPrograms` had been called. */
export class Interrupted extends Error {}

const keptLength = 20_000
const running = new Set<ChildProcess>()
let isInterrupted = false

/** Signals all that run, each with what it started; no other is started from now on. Says how many. */
export function signalPrograms(signal: NodeJS.Signals): number {
  isInterrupted = true
  for (const { pid } of running) {
    try {
      if (pid !== undefined) process.kill(-pid, signal)
    } catch {
      // The group is gone already.
    }
  }
  return running.size
}

/** Code 127 where it could not start. Rejects with Interrupted. */
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
