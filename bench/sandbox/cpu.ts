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

/** CPU time so far of these trees, ms. */
export function cpuMsOf(roots: number[]): number {
  const ticks = roots.flatMap(treeOf).map(pid => {
    try {
      const fields = fieldsOf(pid)
      return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    } catch {
      return 0
    }
  })
  return tickMs * ticks.reduce((sum, one) => sum + one, 0)
}

/** Of Node alone, children not counted. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Of children of Node that ended. */
export function endedChildrenCpuMs(): number {
  const fields = fieldsOf('self')
  return tickMs * (Number(fields[13]) + Number(fields[14]))
}

/** Memory of a tree, pages that several share divided among them, MB. */
export function pssMbOf(root: number): number {
  const kb = treeOf(root).map(pid => {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0)
  })
  return kb.reduce((sum, one) => sum + one, 0) / 1024
}

/** All threads of Node, and with them what it starts from now on. */
export function pin(cores: string): void {
  execFileSync('taskset', ['-a', '-p', '-c', cores, String(process.pid)], { stdio: 'ignore' })
}
