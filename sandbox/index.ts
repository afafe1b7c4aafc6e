/**
 * The sandbox: a front that reads and compiles, and fork servers that run, half with one hash seed
 * and half with another. It says what programs do; whether that is right is the judge's business.
 */
import { SandboxGone } from '../src/errors.ts'
import { type Crew, startCrew } from './crew.ts'
import type { Frame } from './frames.ts'
import { SandboxOverdue } from './process.ts'
import type { Execution, Inspection, Job, Limits, Literal, Sandbox } from './types.ts'

export type SandboxOptions = {
  /** A Python of 3.11 or newer; only its standard library is used. */
  python: string
  /** Servers of each hash seed. */
  workers: number
}

type InputReport = { literal: boolean; canonical: string | null; error?: string }
type Report = {
  outcome: Execution['outcome']
  output?: string | null
  canonical?: string | null
  error?: string | null
  cpuMs: number
  peakMemoryBytes: number
}

const frontMs = 20_000
let nextId = 1

function toExecution(report: Report, input: InputReport): Execution {
  const isRefused = input.error !== undefined
  return {
    outcome: isRefused ? 'rejected' : report.outcome,
    output: report.output ?? null,
    canonical: report.canonical ?? null,
    error: input.error ?? report.error ?? null,
    literal: input.literal,
    inputCanonical: input.literal ? input.canonical : null,
    cpuMs: report.cpuMs,
    peakMemoryBytes: report.peakMemoryBytes,
  }
}

/** Two runs under different hash seeds have to agree in outcome and canonical value. */
function agree(first: Execution, second: Report): Execution {
  const isEqual = first.outcome === second.outcome && first.canonical === (second.canonical ?? null)
  if (isEqual || first.outcome === 'rejected') return first
  // A limit that only one of the two met is met: which one is chance.
  const limits = ['timedOut', 'memoryExceeded', 'outputTooLong'] as const
  const met = limits.find(limit => first.outcome === limit || second.outcome === limit)
  return {
    ...first,
    outcome: met ?? 'nondeterministic',
    output: null,
    canonical: null,
    error: null,
  }
}

const failed = (outcome: 'rejected' | 'ungraded', error: string): Execution => ({
  outcome,
  error,
  output: null,
  canonical: null,
  literal: false,
  inputCanonical: null,
  cpuMs: 0,
  peakMemoryBytes: 0,
})

async function runOnce(
  crew: Crew,
  body: Buffer,
  count: number,
  limits: Limits,
  signal?: AbortSignal,
) {
  const { timeoutMs, memoryMb, maxOutputBytes } = limits
  // Every input may take its wall cap, and a lone start its time.
  const deadlineMs = 5000 + count * 7 * timeoutMs
  const { header } = await crew.run(
    server => server.ask({ id: nextId++, timeoutMs, memoryMb, maxOutputBytes }, body, deadlineMs),
    signal,
  )
  return header.reports as Report[]
}

/** A text that takes the front too long is refused: what it says is the text's own fault. */
async function askFront(front: Crew, request: object, signal?: AbortSignal): Promise<Frame> {
  try {
    return await front.run(p => p.ask(request, undefined, frontMs), signal)
  } catch (error) {
    if (!(error instanceof SandboxOverdue)) throw error
    return { header: { error: 'SyntaxError: takes too long to read' }, body: Buffer.alloc(0) }
  }
}

async function execute(crews: Crew[], front: Crew, job: Job, signal?: AbortSignal) {
  const { program, inputs, limits } = job
  const request = { id: nextId++, op: 'prepare', text: program, inputs }
  const { header, body } = await askFront(front, request, signal)
  if (typeof header.error === 'string') {
    const { error } = header
    return inputs.map(() => failed('rejected', error))
  }
  const seen = header.inputs as InputReport[]
  const code = Buffer.from(body)
  const [one, two] = crews as [Crew, Crew]
  const first = await runOnce(one, code, inputs.length, limits, signal)
  const found = first.map((report, i) => toExecution(report, seen[i] as InputReport))
  // A runaway costs its limit once: a timeout in the first run needs no second.
  if (limits.runs === 1 || found.every(({ outcome }) => outcome === 'timedOut')) return found
  const second = await runOnce(two, code, inputs.length, limits, signal)
  return found.map((execution, i) => agree(execution, second[i] as Report))
}

/** Starts the processes; they are ready when this resolves. */
export async function startSandbox({ python, workers }: SandboxOptions): Promise<Sandbox> {
  const started = await Promise.allSettled([
    startCrew(python, { name: 'front', hashSeed: 0 }, 1),
    startCrew(python, { name: 'server', hashSeed: 1 }, workers),
    startCrew(python, { name: 'server', hashSeed: 2 }, workers),
  ])
  const crews = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const stop = async () => void (await Promise.all(crews.map(crew => crew.stop())))
  const broken = started.find(result => result.status === 'rejected')
  if (broken) {
    await stop()
    throw new SandboxGone(`Cannot start the sandbox with ${python}: see \`azr doctor\``, {
      cause: broken.reason,
    })
  }
  const [front, one, two] = crews as [Crew, Crew, Crew]
  const read = async (op: string, text: string, signal?: AbortSignal) => {
    const request = { id: nextId++, op, text }
    const { header } = await askFront(front, request, signal)
    return header
  }
  const literal = async (op: string, text: string, signal?: AbortSignal): Promise<Literal> => {
    const { error, canonical, display } = await read(op, text, signal)
    if (typeof error === 'string') return { ok: false, error }
    return { ok: true, canonical: canonical as string, display: display as string }
  }
  return {
    async inspect(program, signal): Promise<Inspection> {
      const { error, facts } = await read('inspect', program, signal)
      return typeof error === 'string' ? { ok: false, error } : { ok: true, facts: facts as never }
    },
    readLiteral: (text, signal) => literal('literal', text, signal),
    readArguments: (text, signal) => literal('arguments', text, signal),
    async execute(job, signal) {
      try {
        return await execute([one, two], front, job, signal)
      } catch (error) {
        if (!(error instanceof SandboxGone) || signal?.aborted) throw error
        return job.inputs.map(() => failed('ungraded', error.message))
      }
    },
    pids: () => crews.flatMap(crew => crew.pids()),
    stop,
  }
}
