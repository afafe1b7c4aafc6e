/**
 * Describes a process and its children from /proc: their names, memory and whether they are stuck.
 */
import { readdirSync, readFileSync } from 'node:fs'

export type ProcessState = {
  pid: number
  name: string
  isSuspended: boolean
  memory_bytes: number
}

/** Names of processes by their command. The first match counts. */
export type ProcessNames = readonly (readonly [command: RegExp, name: string])[]

type Seen = { pid: number; parent: number; state: string }

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

function seen(pid: string): Seen[] {
  const stat = read(`/proc/${pid}/stat`)
  const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return state ? [{ pid: Number(pid), parent: Number(parent), state }] : []
}

function nameOf(pid: number, names: ProcessNames): string {
  const command = read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
  return names.find(([pattern]) => pattern.test(command))?.[1] ?? 'process'
}

function memoryOf(pid: number): number {
  const pages = Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0)
  return pages * 4096
}

/** A process and its descendants; empty if it has ended. */
export function processTree(root: number, names: ProcessNames): ProcessState[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(seen)
  const found = all.filter(({ pid }) => pid === root)
  for (let at = 0; at < found.length; at++) {
    found.push(...all.filter(({ parent }) => parent === found[at]?.pid))
  }
  return found.map(({ pid, state }) => ({
    pid,
    name: nameOf(pid, names),
    isSuspended: /[Tt]/.test(state),
    memory_bytes: memoryOf(pid),
  }))
}
