/**
 * Reads CPU time and memory of processes from /proc. Ended children count for the process that
 * waited for them.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const tickMs = 10

function fieldsOf(pid: number | string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A process and all its descendants. */
export function treeOf(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      parents.set(Number(name), Number(fieldsOf(name)[1]))
    } catch {}
  }
  const found = [root]
  for (const pid of found) {
    for (const [child, parent] of parents) if (parent === pid) found.push(child)
  }
  return found
}

/** Exact for a living process. For ended children the kernel only has steps of 10 ms. */
function cpuMs(pid: number): number {
  try {
    const fields = fieldsOf(pid)
    const [ns = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(ns) / 1e6 + tickMs * (Number(fields[13]) + Number(fields[14]))
  } catch {
    return 0
  }
}

/** CPU time so far of these trees of single-threaded processes, in ms. */
export const cpuMsOf = (roots: number[]): number =>
  roots.flatMap(treeOf).reduce((sum, pid) => sum + cpuMs(pid), 0)

/** CPU time of Node alone, without children. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** CPU time of Node's ended children, in steps of 10 ms. */
export function endedChildrenCpuMs(): number {
  const fields = fieldsOf('self')
  return tickMs * (Number(fields[13]) + Number(fields[14]))
}

export type Memory = { privateMb: number; sharedMb: number }

/** Memory of a tree: its own pages, and pages that others map too (Python, its libraries). */
export function memoryOf(root: number): Memory {
  const texts = treeOf(root).map(pid => readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))
  const mb = (name: string) => {
    const kb = texts.map(text => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1]))
    return kb.reduce((sum, one) => sum + one, 0) / 1024
  }
  return {
    privateMb: mb('Private_Clean') + mb('Private_Dirty'),
    sharedMb: mb('Shared_Clean') + mb('Shared_Dirty'),
  }
}

/** Pins all threads of Node, and everything that it starts later. */
export function pin(cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(process.pid)], { stdio: 'ignore' })
}
