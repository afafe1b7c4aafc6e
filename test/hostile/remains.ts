/** Finds what is left on the host: files by name or owner, System V objects, processes, CPU use. */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../../src/config/paths.ts'

/** Names that programs of the set give to their files. */
const ours = /^(azr[-_]written|written|made$|link$|azr$|touched|escaped|core)/
const places = ['/tmp', '/var/tmp', '/dev/shm', '/dev/mqueue', '/', root, process.cwd()]

/** Files that a program of the set may have made. Files of others do not count. */
export function filesOf(uid: number): string[] {
  return places.filter(existsSync).flatMap(place =>
    readdirSync(place).flatMap(name => {
      const path = join(place, name)
      try {
        return ours.test(name) || (uid !== 0 && lstatSync(path).uid === uid) ? [path] : []
      } catch {
        return []
      }
    }),
  )
}

/** System V segments and queues with the key that programs of the set use. */
export function systemV(): string[] {
  return ['shm', 'msg'].flatMap(kind => {
    const path = `/proc/sysvipc/${kind}`
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
    return lines.filter(line => /^\s*4711\s/.test(line)).map(() => `a System V ${kind}`)
  })
}

export type ProcessInfo = {
  pid: number
  name: string
  parent: number
  state: string
  nice: number
  /** CPU ticks of its own and of children that it waited for. */
  ticks: number
  /** With the pid it distinguishes a process from a later one with the same number. */
  startedAt: string
}

export function readProcess(pid: number): ProcessInfo | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0)
    return {
      pid,
      name: text.slice(text.indexOf('(') + 1, text.lastIndexOf(')')),
      parent: Number(fields[1]),
      state: fields[0] as string,
      nice: Number(fields[16]),
      ticks,
      startedAt: fields[19] as string,
    }
  } catch {
    return null
  }
}

export function descendantsOf(ancestor: number, except: number[]): ProcessInfo[] {
  const all = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(name => readProcess(Number(name)) ?? [])
  const found: ProcessInfo[] = []
  let circle = [ancestor]
  while (circle.length > 0) {
    const next = all.filter(p => circle.includes(p.parent) && !except.includes(p.pid))
    found.push(...next)
    circle = next.map(({ pid }) => pid)
  }
  return found
}

/** Remembers every descendant that it saw, so that an escaped one is found. */
export function watchProcesses(except: number[]) {
  const seen = new Map<string, ProcessInfo>()
  const note = () => {
    for (const info of descendantsOf(process.pid, except)) {
      seen.set(`${info.pid} ${info.startedAt}`, info)
    }
  }
  const timer = setInterval(note, 250)
  note()
  return {
    note,
    /** The seen processes that are still alive. */
    alive: () => [...seen.values()].filter(p => readProcess(p.pid)?.startedAt === p.startedAt),
    stop: () => clearInterval(timer),
  }
}

/**
 * Finds processes that are not at rest although there is no work: they use CPU, have no parent, or
 * have a low priority.
 */
export async function findUnrest(except: number[]): Promise<string[]> {
  await sleep(100)
  const before = descendantsOf(process.pid, except)
  await sleep(600)
  return before.flatMap(({ pid, ticks, startedAt }) => {
    const now = readProcess(pid)
    if (now?.startedAt !== startedAt) return []
    if (now.ticks - ticks > 30) return [`process ${pid} burns CPU with nothing to do`]
    if (now.state === 'Z') return [`process ${pid} is a zombie`]
    return now.state === 'T' ? [`process ${pid} is stopped`] : []
  })
}
