/**
 * Measures CPU time of trees of processes, including ended ones, in microseconds with a control
 * group. If none can be made, it uses /proc, in steps of 10 ms.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cpuMsOf, treeOf } from './cpu.ts'

export type Meter = {
  /** Whether it resolves less than 10 ms. */
  isFine: boolean
  /** CPU time since it was made, in ms. */
  ms: () => number
  /** Call it after its processes have ended. */
  close: () => void
}

type Source = { folder: string; read: (group: string) => number }

const read = (path: string) => readFileSync(path, 'utf8')

function statOf(group: string): number {
  return Number(/^usage_usec (\d+)/m.exec(read(join(group, 'cpu.stat')))?.[1]) / 1000
}

/** Places for groups: below our own group, of version 2 or of the older accounting. */
function sources(): Source[] {
  const lines = existsSync('/proc/self/cgroup') ? read('/proc/self/cgroup').split('\n') : []
  const own = (controller: string) =>
    lines.map(line => line.split(':')).find(([, names]) => names === controller)?.[2] ?? '/'
  return [
    { folder: join('/sys/fs/cgroup', own('')), read: statOf },
    { folder: join('/sys/fs/cgroup/unified', own('')), read: statOf },
    {
      folder: join('/sys/fs/cgroup/cpuacct', own('cpuacct')),
      read: group => Number(read(join(group, 'cpuacct.usage'))) / 1e6,
    },
  ]
}

let made = 0

function inGroup({ folder, read }: Source, pids: number[]): Meter {
  // The folder in which groups are mounted is not a group: it would accept any file.
  if (!existsSync(join(folder, 'cgroup.procs'))) throw new Error(`${folder} holds no groups`)
  const group = join(folder, `azr-bench-${process.pid}-${++made}`)
  mkdirSync(group)
  const close = () => {
    try {
      rmdirSync(group)
    } catch {}
  }
  try {
    for (const pid of pids) writeFileSync(join(group, 'cgroup.procs'), String(pid))
    const begun = read(group)
    if (Number.isNaN(begun)) throw new Error('no figure')
    return { isFine: true, ms: () => read(group) - begun, close }
  } catch (error) {
    close()
    throw error
  }
}

/** A meter of these processes, their descendants, and all processes that they start later. */
export function createMeter(roots: number[]): Meter {
  const pids = roots.flatMap(treeOf)
  for (const source of sources()) {
    try {
      return inGroup(source, pids)
    } catch {}
  }
  const begun = cpuMsOf(roots)
  return { isFine: false, ms: () => cpuMsOf(roots) - begun, close: () => {} }
}
