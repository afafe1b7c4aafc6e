/** Runs `azr` and the trainer's Python as children, and records their time. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runProgram } from '../../lib/programs.ts'
import { python, root, trainerFolder } from '../../src/config/paths.ts'

/** The time of each session is in the run's folder, and continues where the last one ended. */
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

/** Resolves when the child is done. Rejects with the end of its output if it failed. */
async function runChild({ command, args, cwd, folder, env = process.env }: Child): Promise<void> {
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const logPath = join(folder, 'logs', 'bench.log')
  const begun = performance.now()
  const { code, output } = await runProgram(command, args, { cwd, env, logPath }).finally(() => {
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    appendFileSync(clockOf(folder), `${JSON.stringify({ seconds })}\n`)
  })
  if (code === 0) return
  const tail = output.trim().split('\n').slice(-3).join('\n  ')
  throw new Error(`${args.slice(1, 6).join(' ')} … ended with ${code}, see ${logPath}:\n  ${tail}`)
}

/** Runs `azr …`. Its output goes to the folder of the run. */
export function azr(folder: string, args: string[]): Promise<void> {
  const main = join(root, 'src', 'cli', 'main.ts')
  return runChild({ command: process.execPath, args: [main, ...args], cwd: root, folder })
}

/** Runs `python -m azr_micro …`. */
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
