/** Starts `azr exec` as a process, and observes it from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { root } from '../../src/config/paths.ts'
import { childrenOf } from '../whole/azr.ts'

type Line = Record<string, unknown>

export function start(flags: string[] = []): ChildProcess {
  const main = join(root, 'src', 'cli', 'main.ts')
  return spawn(process.execPath, [main, 'exec', ...flags], { stdio: 'pipe' })
}

export const codeOf = (child: ChildProcess) =>
  new Promise<number | null>(resolve => child.once('close', resolve))

export async function exec(lines: (Line | string)[], flags: string[] = []) {
  const child = start(flags)
  const code = codeOf(child)
  const input = lines.map(line => (typeof line === 'string' ? line : JSON.stringify(line)))
  child.stdin?.end(input.map(line => `${line}\n`).join(''))
  const [out, errors] = await Promise.all([text(child.stdout!), text(child.stderr!)])
  const answers: Line[] = out
    .split('\n')
    .filter(Boolean)
    .map(line => JSON.parse(line))
  return { answers, errors, code: await code }
}

export const descendantsOf = (pid: number): number[] =>
  childrenOf(pid).flatMap(child => [child, ...descendantsOf(child)])

/** Whether the process existed to receive it. */
export const tell = (pid: number, signal: NodeJS.Signals | 0) => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
export const isThere = (pid: number) => tell(pid, 0)

export const until = async (holds: () => boolean) => {
  // Calls `holds` once per poll, because children come and go, and it may hold only for a moment.
  for (let i = 0; i < 2000; i++) {
    if (holds()) return
    await sleep(10)
  }
  expect.fail(`never came true: ${holds}`)
}

/** A line whose program never ends. */
export const loop = { id: 'loop', program: 'def f(x):\n  while True: pass', input: '1' }
