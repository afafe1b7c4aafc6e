/** The peak memory of trees of processes. Linux only. */
import { readFileSync } from 'node:fs'
import { treeOf } from '../sandbox/cpu.ts'

const kilobytes = (text: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0)

/** Peak bytes of a process, with its share of pages that others have mapped too. */
function highest(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const shared = kilobytes(rollup, 'Rss') - kilobytes(rollup, 'Pss')
  const top = kilobytes(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmHWM')
  return (top - shared) * 1024
}

export type Peaks = { of: (group: string) => number; stop: () => void }

/** `groups` gives pids by name. It is called at each poll, because processes come and go. */
export function watchPeaks(groups: () => Record<string, number[]>, everyMs = 1000): Peaks {
  const seen = new Map<string, Map<number, number>>()
  const look = () => {
    for (const [name, roots] of Object.entries(groups())) {
      const mine = seen.get(name) ?? new Map<number, number>()
      seen.set(name, mine)
      for (const pid of new Set(roots.flatMap(treeOf))) {
        try {
          mine.set(pid, highest(pid))
        } catch {
          // It has ended. Its peak stays.
        }
      }
    }
  }
  const timer = setInterval(look, everyMs)
  return {
    of: group => [...(seen.get(group)?.values() ?? [])].reduce((sum, bytes) => sum + bytes, 0),
    stop() {
      look()
      clearInterval(timer)
    },
  }
}
