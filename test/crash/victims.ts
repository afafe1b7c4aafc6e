/** The victims: processes by role, and the disk, which fills up. */
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
    // It had ended already.
  }
}

/** Kills a child of the session. Returns false if there is no such child now. */
export function killChild({ child }: Session, victim: Victim, random: (n: number) => number) {
  const found = childrenOf(child.pid as number, commands[victim])
  const pid = found[random(Math.max(1, found.length))]
  if (pid === undefined) return false
  kill(pid)
  return true
}

/** Kills the session, with all children for `all`. Returns the children that survive. */
export async function killMain({ child, ended }: Session, victim: Victim): Promise<number[]> {
  const children = childrenOf(child.pid as number)
  kill(child.pid as number)
  if (victim === 'all') for (const pid of children) kill(pid)
  await ended
  return survivors(children, 20_000)
}

/** A small separate disk, if this machine allows one. */
export function mountDisk(folder: string, megabytes: number): boolean {
  mkdirSync(folder, { recursive: true })
  const args = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]
  return spawnSync('mount', args).status === 0
}

/** Unmounts at once, even while dead processes still use it. */
export const unmountDisk = (folder: string) => void spawnSync('umount', ['--lazy', folder])

/** Uses all free space. Returns a function that frees it. */
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
