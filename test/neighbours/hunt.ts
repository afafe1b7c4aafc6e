/**
 * Looks for influence between programs that share a child. Each drawn program runs among neighbours
 * with known answers, then alone. Any difference is a fault, and so is any change of the
 * interpreter that world.py sees. The programs depend only on the seed and their number.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Execution, Limits, Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { type Drawn, draw } from './grammar.ts'
import { type Known, known } from './known.ts'
import { stepOut } from './steps.ts'
import { readWords, type Words } from './words.ts'

export type Fault = { number: number | null; what: string; program: string }

export type Found = {
  faults: Fault[]
  /** Runs of programs and neighbours in a shared child, and alone. */
  shared: number
  alone: number
  outcomes: Record<string, number>
}

export type Hunt = {
  seed: number
  /** The number of the first program. */
  first?: number
  count: number
  /** Lets every program share, to check that the hunt finds the harm. */
  isScreenOff?: boolean
  say?: (done: number, faults: number) => void
}

// One run only: a second run in the other lane is designed to hide a difference.
const limits: Limits = { timeoutMs: 1000, memoryMb: 256, maxOutputBytes: 65536, runs: 1 }
const together = 2 * known.length

const told = ({ outcome, output, error }: Execution) =>
  `${outcome} ${outcome === 'raised' ? error : (output ?? '')}`.slice(0, 500)

/** Half of the programs are in the language, the others are one step outside. */
function drawn(seed: number, number: number, words: Words): Drawn {
  const one = draw(seed, number, words)
  return number % 2 === 0 ? one : stepOut(one, seed, number, words)
}

async function ask(sandbox: Sandbox, { program, input }: Drawn, runs = 1): Promise<string> {
  const [found] = await sandbox.execute({ program, inputs: [input], limits: { ...limits, runs } })
  return told(found as Execution)
}

/**
 * Runs all at once, with a neighbour before every second program. Returns the result of each, and
 * the neighbours whose result is wrong.
 */
async function amongNeighbours(sandbox: Sandbox, programs: Drawn[]) {
  const asked: Promise<string>[] = []
  const neighbours: Promise<string>[] = []
  for (const [i, one] of programs.entries()) {
    if (i % 2 === 0) neighbours.push(ask(sandbox, known[(i / 2) % known.length] as Known))
    asked.push(ask(sandbox, one))
  }
  const said = await Promise.all(asked)
  const wrong = (await Promise.all(neighbours)).filter(
    (text, i) => text !== `returned ${known[i % known.length]?.answer}`,
  )
  return { said, wrong }
}

/** The programs of a batch that harm neighbours by themselves. */
async function culprits(sandbox: Sandbox, programs: Drawn[]): Promise<number[]> {
  const found: number[] = []
  for (const [i, one] of programs.entries()) {
    const { wrong } = await amongNeighbours(sandbox, [one, one, one])
    if (wrong.length > 0) found.push(i)
  }
  return found
}

/** The number of programs that may wait for world.py. */
const longestLine = 1000

/** Runs every program in another process as well, and reports changes of the whole interpreter. */
function watchWorld(isScreenOff: boolean, report: (number: number, what: string[]) => void) {
  const script = join(import.meta.dirname, 'world.py')
  const args = ['-s', '-S', '-P', script, ...(isScreenOff ? ['all'] : [])]
  const child = spawn(python, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  let [given, done] = [0, 0]
  lines.on('line', line => {
    const [number, what] = JSON.parse(line) as [number, string[]] | [null, number]
    if (number === null) done = what
    else report(number, what)
  })
  const ended = once(child, 'close')
  return {
    /** Resolves when there is room for more. */
    async give(number: number, { program, input }: Drawn) {
      given += 1
      child.stdin.write(`${JSON.stringify([number, program, input])}\n`)
      while (given - done > longestLine) await Promise.race([once(lines, 'line'), ended])
    },
    async end() {
      child.stdin.end()
      const [code] = await ended
      if (code !== 0) throw new Error(`Cannot trust world.py as it ended with ${code}`)
    },
  }
}

export async function hunt({
  seed,
  first = 0,
  count,
  isScreenOff = false,
  say,
}: Hunt): Promise<Found> {
  const words = readWords()
  const faults: Fault[] = []
  const outcomes: Record<string, number> = {}
  const textOf = (number: number) => drawn(seed, number, words).program
  const world = watchWorld(isScreenOff, (number, what) =>
    faults.push({ number, what: `it changed ${what.join(', ')}`, program: textOf(number) }),
  )
  const without = isScreenOff ? (['alone'] as const) : []
  const options = { python, workers: 1, auditOneIn: Number.POSITIVE_INFINITY }
  const among = await startSandbox({ ...options, without: [...without] })
  const apart = await startSandbox({ ...options, sharing: 1 })
  for (let from = first; from < first + count; from += together) {
    const size = Math.min(together, first + count - from)
    const programs = Array.from({ length: size }, (_, i) => drawn(seed, from + i, words))
    const [{ said, wrong }, alone] = await Promise.all([
      amongNeighbours(among, programs),
      Promise.all(programs.map(one => ask(apart, one))),
    ])
    for (const [i, one] of programs.entries()) {
      const [outcome = ''] = (said[i] as string).split(' ')
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
      await world.give(from + i, one)
      if (said[i] === alone[i] || (await isUnsteady(apart, one, said[i] as string))) continue
      const what = `it is ${said[i]} among others, ${alone[i]} alone`
      faults.push({ number: from + i, what, program: one.program })
    }
    if (wrong.length > 0) {
      const blamed = await culprits(among, programs)
      const what = `a neighbour said ${wrong[0]}`
      for (const i of blamed) {
        faults.push({ number: from + i, what, program: programs[i]?.program ?? '' })
      }
      if (blamed.length === 0) faults.push({ number: null, what, program: '' })
    }
    say?.(from + size - first, faults.length)
  }
  const { shared, alone } = among.metrics()
  await Promise.all([among.stop(), apart.stop(), world.end()])
  return { faults, shared, alone, outcomes }
}

/**
 * Whether a program's results differ even when it runs alone: between two lanes (it shows an
 * address, for example) or between runs of one lane. Then a difference does not come from
 * neighbours.
 */
async function isUnsteady(apart: Sandbox, one: Drawn, said: string): Promise<boolean> {
  const alone = await Promise.all([1, 2, 3, 4].map(() => ask(apart, one)))
  return alone.includes(said) || (await ask(apart, one, 2)).startsWith('nondeterministic')
}
