/** CPU time and memory of processes, from /proc. Children that ended count with whoever waited. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const tickMs = 10

function fieldsOf(pid: number | string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** A process and all below it. */
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

/** Exact for a process that lives; of children that ended the kernel tells steps of 10 ms only. */
function cpuMs(pid: number): number {
  try {
    const fields = fieldsOf(pid)
    const [ns = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(ns) / 1e6 + tickMs * (Number(fields[13]) + Number(fields[14]))
  } catch {
    return 0
  }
}

/** CPU time so far of these trees of processes with one thread each, ms. */
export const cpuMsOf = (roots: number[]): number =>
  roots.flatMap(treeOf).reduce((sum, pid) => sum + cpuMs(pid), 0)

/** Of Node alone, children not counted. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Of children of Node that ended, in steps of 10 ms. */
export function endedChildrenCpuMs(): number {
  const fields = fieldsOf('self')
  return tickMs * (Number(fields[13]) + Number(fields[14]))
}

export type Memory = { privateMb: number; sharedMb: number }

/** Memory of a tree: pages of its own, and those that others map too (Python, its libraries). */
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

/** All threads of Node, and with them what it starts from now on. */
export function pin(cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(process.pid)], { stdio: 'ignore' })
}
