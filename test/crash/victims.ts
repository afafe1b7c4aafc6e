/** Who dies: processes by what they are, and the disk, which fills up. */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf, survivors } from '../whole/azr.ts'
import type { Session } from './session.ts'

export const victims = ['main', 'engine', 'learner', 'sandbox', 'all', 'disk'] as const
export type Victim = (typeof victims)[number]

const commands: Partial<Record<Victim, RegExp>> = {
  engine: /azr_engine/,
  learner: /azr_trainer/,
  sandbox: /azr_sandbox (server|front)/,
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was gone already.
  }
}

/** Kills a child of the session, which has to do without; false where it has no such child now. */
export function killChild({ child }: Session, victim: Victim, random: (n: number) => number) {
  const found = childrenOf(child.pid as number, commands[victim])
  const pid = found[random(Math.max(1, found.length))]
  if (pid === undefined) return false
  kill(pid)
  return true
}

/** Kills the session, `all`: with every child; gives the children that outlive it. */
export async function killMain({ child, ended }: Session, victim: Victim): Promise<number[]> {
  const children = childrenOf(child.pid as number)
  kill(child.pid as number)
  if (victim === 'all') for (const pid of children) kill(pid)
  await ended
  return survivors(children, 20_000)
}

/** A small disk of its own, where this machine lets us have one. */
export function mountDisk(folder: string, megabytes: number): boolean {
  mkdirSync(folder, { recursive: true })
  const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
  return spawnSync('mount', args).status === 0
}

/** At once, also while processes that were just ended still hold it. */
export const unmountDisk = (folder: string) => void spawnSync('umount', ['--lazy', folder])

/** Takes all the room there is; gives the way to hand it back. */
export function fillDisk(folder: string): () => void {
  const path = join(folder, 'ballast')
  const file = openSync(path, 'w')
  for (let size = 1 << 20; size >= 512; ) {
    try {
      writeSync(file, Buffer.alloc(size))
    } catch {
      size >>= 1
    }
  }
  closeSync(file)
  return () => rmSync(path)
}
