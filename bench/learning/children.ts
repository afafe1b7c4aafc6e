/** Runs `azr` and the trainer's Python as children, with their time on record. Not here: which. */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { python, root, trainerFolder } from '../../src/config/paths.ts'

const alive = new Set<ChildProcess>()
let isStopping = false

/** Asks every child to stop, once; they leave what can be resumed. */
export function stopChildren(): void {
  isStopping = true
  for (const child of alive) child.kill('SIGINT')
}

/** How long each session in a run's folder took: it goes on where the last one ended. */
const clockOf = (folder: string) => join(folder, 'bench.jsonl')

export function secondsIn(folder: string): number {
  const path = clockOf(folder)
  if (!existsSync(path)) return 0
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as { seconds: number }).seconds, 0)
}

type Child = {
  command: string
  args: string[]
  cwd: string
  folder: string
  env?: NodeJS.ProcessEnv
}

/** Resolves when the child is done; rejects with the end of what it said when it failed. */
function runChild({ command, args, cwd, folder, env = process.env }: Child): Promise<void> {
  if (isStopping) return Promise.reject(new Error('stopped'))
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const logPath = join(folder, 'logs', 'bench.log')
  const log = openSync(logPath, 'a')
  const begun = performance.now()
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', log, log] })
  alive.add(child)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => {
      alive.delete(child)
      const seconds = Math.round((performance.now() - begun) / 100) / 10
      appendFileSync(clockOf(folder), `${JSON.stringify({ seconds, code })}\n`)
      if (code === 0) return resolve()
      const tail = readFileSync(logPath, 'utf8').trim().split('\n').slice(-3).join('\n  ')
      reject(
        new Error(`${args.slice(1, 6).join(' ')} … ended with ${code}, see ${logPath}:\n  ${tail}`),
      )
    })
  })
}

/** `azr …`, with its words in the folder of the run that it is about. */
export function azr(folder: string, args: string[]): Promise<void> {
  const main = join(root, 'src', 'cli', 'main.ts')
  return runChild({ command: process.execPath, args: [main, ...args], cwd: root, folder })
}

/** `python -m azr_micro …`. */
export function azrMicro(folder: string, args: string[]): Promise<void> {
  const env = { ...process.env, OMP_NUM_THREADS: '1' }
  return runChild({
    command: python,
    args: ['-m', 'azr_micro', ...args],
    cwd: trainerFolder,
    folder,
    env,
  })
}
