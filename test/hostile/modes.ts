/** The modes in which the set is run, and which of them this machine supports. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { SandboxOptions } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'

export type Mode = {
  name: string
  user: 'root' | 'plain user'
  namespaces: boolean
  /** Programs in a child with neighbours if the screen allows it, or each alone. */
  lane: 'alone' | 'beside neighbours'
}

/** Unused on ordinary machines, so any file of this user comes from the sandbox. */
export const plainUid = 23456
const nobody = 65534

const users = ['root', 'plain user'] as const
const lanes = ['alone', 'beside neighbours'] as const

export const modes: Mode[] = users.flatMap(user =>
  [true, false].flatMap(namespaces =>
    lanes.map(lane => {
      const name = `${user}, ${namespaces ? 'with' : 'without'} namespaces, ${lane}`
      return { name, user, namespaces, lane }
    }),
  ),
)

const isRoot = process.getuid?.() === 0

/** The user that programs run as. */
export function uidOf(mode: Mode): number {
  if (mode.user === 'root') return nobody
  return isRoot ? plainUid : (process.getuid?.() ?? plainUid)
}

function runs(command: string, args: string[], uid?: number): boolean {
  const ids = uid === undefined ? {} : { uid, gid: uid }
  try {
    execFileSync(command, args, { ...ids, cwd: '/', stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const newEnough = 'import sys; sys.exit(sys.version_info < (3, 11))'

/** A Python that this user can reach: the project's own may be in root's home. */
function pythonFor(uid: number | undefined): string | null {
  const names = [python, '/usr/bin/python3', '/usr/local/bin/python3']
  return names.find(name => existsSync(name) && runs(name, ['-c', newEnough], uid)) ?? null
}

/** Options for a mode's sandbox, or the reason why it cannot run here. */
export function optionsFor(mode: Mode, workers: number): SandboxOptions | string {
  if (mode.user === 'root' && !isRoot) return 'needs root'
  const uid = mode.user === 'plain user' && isRoot ? plainUid : undefined
  const found = pythonFor(uid)
  if (!found) return 'no Python of 3.11 or newer that the plain user can run'
  if (mode.namespaces && !runs('unshare', ['-Ur', 'true'], uid)) {
    return 'the kernel refuses user namespaces'
  }
  return {
    python: found,
    workers,
    ...(uid === undefined ? {} : { uid }),
    ...(mode.namespaces ? {} : { without: ['namespaces'] }),
    ...(mode.lane === 'alone' ? { sharing: 1 } : {}),
  } as SandboxOptions
}
