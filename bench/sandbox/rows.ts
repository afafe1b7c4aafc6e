/**
 * The rows of CPU time: their names, and how each is measured. All rows take turns, round after
 * round.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Limits, Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { endedChildrenCpuMs, ownCpuMs } from './cpu.ts'
import { type Compiled, compileAll, type Server, startBare, startServer } from './direct.ts'
import { createMeter, type Meter } from './meter.ts'

export const limits: Limits = { timeoutMs: 1000, memoryMb: 512, maxOutputBytes: 65536, runs: 2 }
export type Program = { program: string; inputs: string[] }
export const programs = readFileSync(join(import.meta.dirname, 'programs.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Program)

export const median = (values: number[]) =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

export function need(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`Cannot measure as ${what}`)
}

/** The target of each row, as a ratio to a bare fork. */
export const targets: Record<string, number> = {
  'isolated, one program per fork': 0.9,
  'one program x 8 inputs': 4,
  'shared batches, K = 32': 9,
  'end to end, K = 32': 2.8,
  'end to end, K = 64': 2.8,
}

const repeat = 2
// Long enough for at least a tenth of a second in the fastest rows.
const repeatWarm = 20

function batchesOf<T>(items: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

/** No text is used twice, because the front caches compiled programs. */
let texts = 0
const fresh = (program: string) => `${program}# ${++texts}\n`

// A thousand programs at once, as in a step: all batches but the last are full.
export const crowd = Array.from({ length: 5 }, () => programs).flat()

export async function validateAll(sandbox: Sandbox, all: Program[] = crowd): Promise<number> {
  const found = await Promise.all(
    all.map(({ program, inputs }) =>
      sandbox.execute({ program: fresh(program), inputs: inputs.slice(0, 1), limits }),
    ),
  )
  const right = found.filter(([one]) => one?.outcome === 'returned' && one.canonical !== null)
  need(right.length > 0.95 * all.length, `only ${right.length} programs returned`)
  return right.length
}

/** The programs that share a child. The cost of the others shows in comparison. */
async function sharersOf(sandbox: Sandbox): Promise<Program[]> {
  const found: Program[] = []
  const alone = () => sandbox.metrics().alone - sandbox.metrics().audited
  for (const one of programs) {
    const before = alone()
    await validateAll(sandbox, [one])
    if (alone() === before) found.push(one)
  }
  return found
}

/** Programs of a real model: CRUXEval's 800, each with its input. */
function readCruxeval(folder: string): Program[] {
  const lines = readFileSync(join(folder, 'cruxeval', 'cruxeval.jsonl'), 'utf8')
    .trim()
    .split('\n')
  return lines.map(line => {
    const { code, input } = JSON.parse(line) as { code: string; input: string }
    return { program: `${code}\n`, inputs: [input] }
  })
}

/** Microseconds of CPU time for each execution that `work` reports. */
async function spend(meter: Meter, work: () => Promise<number>): Promise<number> {
  const before = meter.ms()
  const count = await work()
  return (1000 * (meter.ms() - before)) / count
}

async function times(count: number, all: Compiled[], run: (one: Compiled) => Promise<unknown>) {
  for (let i = 0; i < count; i++) for (const one of all) await run(one)
  return count * all.length
}

/** On a busy machine one of a batch may be left over, so only those that returned count. */
async function inBatches(server: Server, batches: Compiled[][]): Promise<number> {
  let returned = 0
  for (const batch of batches) returned += await server.run(batch, true)
  return returned
}

function perProcess(python: string): number {
  const some = programs.filter((_, i) => i % 4 === 0)
  const before = endedChildrenCpuMs()
  for (const { program, inputs } of some) {
    const { status } = spawnSync(python, ['-I', '-S', '-c', `${program}\nf(${inputs[0]})`])
    need(status === 0, 'a program failed under python3 -c')
  }
  return (1000 * (endedChildrenCpuMs() - before)) / some.length
}

export type Rows = {
  /** Whether CPU time is known to less than 10 ms. */
  isFine: boolean
  measure: Record<string, () => Promise<number>>
  stop: () => Promise<void>
}

export async function startRows(python: string, data?: string): Promise<Rows> {
  const cruxeval = data === undefined ? null : readCruxeval(data)
  const compiled = compileAll(python)
  const singles = compiled.map(inputs => inputs[0] as Compiled)
  const mixed = batchesOf(
    [...Array(8).keys()].flatMap(i => compiled.map(inputs => inputs[i] as Compiled)),
    32,
  )
  const [bare, warm] = [startBare(python, 'fork'), startBare(python, 'warm')]
  const server = await startServer(python)
  const sandboxes = await Promise.all(
    [32, 64].map(sharing => startSandbox({ python, workers: 1, sharing, auditOneIn: 100 })),
  )
  const [ofBare, ofWarm, ofServer] = [bare, warm, server].map(({ pid }) => createMeter([pid]))
  const ofSandboxes = sandboxes.map(sandbox => createMeter(sandbox.pids()))
  const sharers = await sharersOf(sandboxes[0] as Sandbox)
  const share = Math.round((100 * (programs.length - sharers.length)) / programs.length)
  const meters = [ofBare, ofWarm, ofServer, ...ofSandboxes] as Meter[]
  /** CPU time of our own process, the front and the servers. */
  const endToEnd = async (i: 0 | 1, all = crowd) => {
    const own = ownCpuMs()
    const [meter, sandbox] = [ofSandboxes[i] as Meter, sandboxes[i] as Sandbox]
    const theirs = await spend(meter, () => validateAll(sandbox, all))
    return theirs + (1000 * (ownCpuMs() - own)) / all.length
  }
  return {
    isFine: meters.every(({ isFine }) => isFine),
    measure: {
      'bare fork': () => spend(ofBare as Meter, () => times(repeat, singles, bare.run)),
      'isolated, one program per fork': () =>
        spend(ofServer as Meter, () => times(repeat, singles, one => server.run([one], false))),
      'one program x 8 inputs': () => spend(ofServer as Meter, () => inBatches(server, compiled)),
      'shared batches, K = 32': () => spend(ofServer as Meter, () => inBatches(server, mixed)),
      'end to end, K = 32': () => endToEnd(0),
      'end to end, K = 64': () => endToEnd(1),
      [`end to end, K = 32, without the ${share} % that run alone`]: () =>
        endToEnd(0, Array.from({ length: 5 }, () => sharers).flat()),
      ...(cruxeval && {
        "end to end, K = 32, CRUXEval's programs": () => endToEnd(0, cruxeval),
        "end to end, K = 64, CRUXEval's programs": () => endToEnd(1, cruxeval),
      }),
      'warm worker, no isolation': () =>
        spend(ofWarm as Meter, () => times(repeatWarm, singles, warm.run)),
      'python3 -I -S -c': async () => perProcess(python),
    },
    async stop() {
      await Promise.all([bare.stop(), warm.stop(), server.stop(), ...sandboxes.map(s => s.stop())])
      for (const meter of meters) meter.close()
    },
  }
}

/** Microseconds of every row, one figure per round. The first round warms up and does not count. */
export async function measureRows(rows: Rows, rounds: number): Promise<Map<string, number[]>> {
  const entries = Object.entries(rows.measure)
  const found = new Map<string, number[]>(entries.map(([name]) => [name, []]))
  for (const [, measure] of entries) await measure()
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of entries) found.get(name)?.push(await measure())
  }
  return found
}
