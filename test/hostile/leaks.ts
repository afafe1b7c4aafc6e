/**
 * `npm run test:leaks`: many executions of every kind, which must leave nothing behind. `--help`
 * has the flags.
 *
 * It compares a first count, when all is warm, with one at the end. It counts zombies, processes,
 * descriptors and threads of Node and of the sandbox, their memory, and files where a program could
 * make some. 20,000 executions, or a million with --full.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { parseArgs } from 'node:util'
import type { Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { descendantsOf, filesOf } from './remains.ts'

export type Look = {
  processes: number
  zombies: number
  descriptors: number
  /** Of all processes of the sandbox, and of Node, in MB. */
  sandboxMb: number
  nodeMb: number
  files: number
}

const limits = { timeoutMs: 200, memoryMb: 256, maxOutputBytes: 65536, runs: 2 } as const

/** Programs for every kind of end: alone and shared, good and bad. `i` makes each text new. */
const kinds: ((i: number) => [program: string, input: string])[] = [
  i => [`def f(x):\n    return [x + ${i}, 'a' * 100]`, '1'],
  i => [`def f(x):\n    return {x: ${i}}`, '"key"'],
  i => [`def f(x):\n    raise ValueError(${i})`, '1'],
  i => [`import os\ndef f(x):\n    return len(os.sep) + ${i}`, '1'],
  i => [`def f(x):\n    return 'x' * 70000 + '${i}'`, '1'],
  i => [`def f(x) return ${i}`, '1'],
  i => [`def f(x):\n    return x + ${i}`, 'len("abc")'],
]
const rare: ((i: number) => [program: string, input: string])[] = [
  i => [`import os\ndef f(x):\n    os._exit(${i} % 3)`, '1'],
  i => [`import os\ndef f(x):\n    os.fork()\n    return ${i}`, '1'],
  i => [`def f(x):\n    return len('x' * 10 ** 10) + ${i}`, '1'],
  i => [`import ctypes\ndef f(x):\n    ctypes.string_at(${i} % 2)`, '1'],
  i => [`import os\ndef f(x):\n    os.closerange(0, 32)\n    return ${i}`, '1'],
]
const slow = (i: number): [string, string] => [`def f(x):\n    while True: x = ${i}`, '1']

function pick(i: number): [string, string] {
  if (i % 2000 === 1999) return slow(i)
  if (i % 50 === 49) return (rare[Math.floor(i / 50) % rare.length] as (typeof rare)[0])(i)
  return (kinds[i % kinds.length] as (typeof kinds)[0])(i)
}

const mbOf = (pid: number) => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Private_Dirty:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
}

/** Frees unreachable objects, so that they do not count. */
async function collectGarbage(): Promise<void> {
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.collectGarbage')
  session.disconnect()
}

export async function look(uid: number): Promise<Look> {
  await collectGarbage()
  const all = descendantsOf(process.pid, [])
  const alive = all.filter(({ state }) => state !== 'Z')
  const count = (pid: number, what: string) => readdirSync(`/proc/${pid}/${what}`).length
  const pids = [process.pid, ...alive.map(({ pid }) => pid)]
  return {
    processes: alive.length,
    zombies: all.length - alive.length,
    descriptors: pids.reduce((sum, pid) => sum + count(pid, 'fd'), 0),
    sandboxMb: alive.reduce((sum, { pid }) => sum + mbOf(pid), 0),
    nodeMb: process.memoryUsage().heapUsed / 2 ** 20,
    files: filesOf(uid).length,
  }
}

export async function execute(sandbox: Sandbox, from: number, to: number): Promise<number> {
  let next = from
  let ungraded = 0
  const work = async () => {
    while (next < to) {
      const [program, input] = pick(next++)
      const [found] = await sandbox.execute({ program, inputs: [input], limits })
      if (found?.outcome === 'ungraded') ungraded += 1
    }
  }
  await Promise.all(Array.from({ length: 64 }, work))
  return ungraded
}

/** The growth between two counts, in words. Memory may grow by what allocators keep. */
export function grown(first: Look, last: Look): string[] {
  const found: string[] = []
  const compare = (name: keyof Look, most: number) => {
    if (last[name] > first[name] + most) found.push(`${name}: ${first[name]} -> ${last[name]}`)
  }
  compare('processes', 0)
  compare('descriptors', 0)
  compare('files', 0)
  compare('sandboxMb', 3)
  compare('nodeMb', 3)
  if (last.zombies > 0) found.push(`zombies: ${last.zombies}`)
  return found
}

const help = `npm run test:leaks [-- --count N | -- --full]

Runs programs of every kind of end and looks at what grows: processes, zombies, descriptors, memory,
files. Exits with 1 if anything did.

  --count N   so many executions, a multiple of ten (20000: about a minute)
  --full      a million
  --help      this text
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { full: { type: 'boolean' }, count: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    process.stdout.write(help)
    return
  }
  const total = values.full ? 1_000_000 : Number(values.count ?? 20_000)
  if (!Number.isInteger(total / 10) || total <= 0)
    throw new Error('Cannot count so: --count is a multiple of ten')
  const say = (text: string) => process.stdout.write(`${text}\n`)
  const uid = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0)
  const sandbox = await startSandbox({ python, workers: 2 })
  await execute(sandbox, 0, 4000)
  const first = await look(uid)
  say(`after   4000: ${JSON.stringify(first)}`)
  let ungraded = 0
  const steps = 10
  for (let step = 0; step < steps; step++) {
    const from = 4000 + (step * total) / steps
    ungraded += await execute(sandbox, from, from + total / steps)
    say(`after ${String(from + total / steps).padStart(6)}: ${JSON.stringify(await look(uid))}`)
  }
  const found = grown(first, await look(uid))
  const { restarts } = sandbox.metrics()
  if (restarts > 0) found.push(`restarts: ${restarts}`)
  if (ungraded > 0) found.push(`ungraded: ${ungraded}`)
  await sandbox.stop()
  for (const what of found) say(`FAILED ${what}`)
  say(`${found.length === 0 ? 1 : 0} passed, ${found.length} failed`)
  process.exitCode = found.length > 0 ? 1 : 0
}

if (import.meta.main) await main()
