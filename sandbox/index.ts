/**
 * The sandbox: fronts that read and compile, and servers that run programs, as many with each hash
 * seed. It reports what programs do. The judge decides whether that is right.
 */

import { canonicalOf, canonicalOfArguments } from '../domain/canonical/index.ts'
import { SandboxGone } from '../domain/errors.ts'
import type {
  Execution,
  FoundFunctions,
  Inspection,
  Job,
  Literal,
  Sandbox,
  Script,
} from '../domain/execution.ts'
import { unrun } from './agree.ts'
import { type Front, startFronts } from './front.ts'
import { createGate } from './gate.ts'
import { startLane } from './lane.ts'
import { createLanes, type Lanes } from './lanes.ts'
import type { Launch } from './process.ts'
import type { Work } from './runs.ts'
import { createRuns, type Runs } from './runs.ts'
import { createTally, metricsOf, type Tally, weakest } from './tally.ts'

export type SandboxOptions = Launch & {
  /** Servers for each hash seed. */
  workers: number
  /** How many programs of the small language may share a child; 1 gives each its own. */
  sharing?: number
  /** One in this many shared results is checked by running it alone. */
  auditOneIn?: number
  /** Whether programs may wait a moment for others that are being read, to fill a child. */
  mayHold?: boolean
}

type Parts = { front: Front; runs: Runs; lanes: Lanes; tally: Tally }

const maxInFlight = 1024
// One front reads for this many pairs of servers.
const workersAFront = 2
const literalError = { malformed: 'not a literal', tooLong: 'value too long' } as const
const identifier = /^[\p{ID_Start}_]\p{ID_Continue}*$/u

/** Rejects as soon as the signal fires. A later result is ignored. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  promise.catch(() => {})
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

async function readLiteral(front: Front, op: string, text: string): Promise<Literal> {
  const { header } = await front.ask({ op, text })
  if (typeof header.error === 'string') return { ok: false, error: header.error }
  const display = header.display as string
  const found = op === 'literal' ? canonicalOf(display) : canonicalOfArguments(display)
  if (!found.ok) return { ok: false, error: literalError[found.why] }
  return { ok: true, canonical: found.text, display }
}

type Seen = [size: number, display: string | null, error: string | null, mayShare: boolean]

/** Runs one input of a job, given the front's facts about it. A refused input does not run. */
function execution(runs: Runs, [, display, error]: Seen, work: Work): Promise<Execution> {
  if (error !== null) return Promise.resolve(unrun('rejected', error))
  if (display === null) return runs.run(work, { literal: false, canonical: null })
  const found = canonicalOfArguments(display)
  if (!found.ok) return Promise.resolve(unrun('rejected', `input: ${literalError[found.why]}`))
  return runs.run(work, { literal: true, canonical: found.text })
}

async function execute({ front, runs }: Parts, job: Job, isDropped: () => boolean) {
  const { program, inputs, limits, entry = 'f' } = job
  const { header, body } = await front.ask({ op: 'prepare', text: program, inputs })
  const { error, code: codeSize } = header
  if (typeof error === 'string') return inputs.map(() => unrun('rejected', error))
  const code = body.subarray(0, codeSize as number)
  let at = code.length
  return Promise.all(
    (header.inputs as Seen[]).map(seen => {
      const payload = body.subarray(at, at + seen[0])
      at += seen[0]
      const work = { mode: 'call', entry, limits, code, payload, mayShare: seen[3] } as const
      return execution(runs, seen, { ...work, isDropped })
    }),
  )
}

async function runScript({ front, runs }: Parts, script: Script, isDropped: () => boolean) {
  const { program, stdins, limits } = script
  const { header, body } = await front.ask({ op: 'script', text: program })
  const { error } = header
  if (typeof error === 'string') return stdins.map(() => unrun('rejected', error))
  const work = {
    mode: 'script',
    entry: '',
    limits,
    code: body,
    mayShare: false,
    isDropped,
  } as const
  return Promise.all(
    stdins.map(stdin => {
      const input = { literal: false, canonical: null }
      return runs.run({ ...work, payload: Buffer.from(stdin) }, input)
    }),
  )
}

async function startParts(options: SandboxOptions): Promise<Parts> {
  const { workers, sharing = 64, auditOneIn = 100, mayHold = true, ...launch } = options
  const tally = createTally()
  let reading: Front | null = null
  const lanes: Lanes = createLanes(run => {
    const loadBefore = () => (run === 0 ? reading : lanes.started(run - 1))?.load() ?? 0
    const isMoreComing = () => mayHold && loadBefore() > 0
    const hashSeed = run + 1
    return startLane({ launch, hashSeed, workers, sharing: runs.sharing, isMoreComing, tally })
  })
  const runs = createRuns(lanes.of, tally, { sharing, auditOneIn })
  const started = await Promise.allSettled([
    startFronts(Math.ceil(workers / workersAFront), launch, tally),
    lanes.of(0),
    lanes.of(1),
  ])
  const [front] = started
  const broken = started.find(found => found.status === 'rejected')
  if (front.status === 'fulfilled' && !broken) {
    reading = front.value
    return { front: front.value, runs, lanes, tally }
  }
  await Promise.all([front.status === 'fulfilled' && front.value.stop(), lanes.stop()])
  const message = `Cannot start the sandbox with ${launch.python}: see \`azr doctor\``
  throw new SandboxGone('sandbox-unavailable', message, { cause: broken?.reason })
}

/** Starts the processes. They are ready when this resolves. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const parts = await startParts(options)
  const { front, lanes, tally } = parts
  const gate = createGate(maxInFlight)

  /** Failures of the sandbox itself become outcomes. Only an aborted call gets an error. */
  const guarded = (
    count: number,
    signal: AbortSignal | undefined,
    act: (isDropped: () => boolean) => Promise<Execution[]>,
  ) => {
    const isDropped = () => signal?.aborted === true
    const work = () => (isDropped() ? Promise.reject(signal?.reason) : act(isDropped))
    const found = gate(work).catch(error => {
      if (!(error instanceof SandboxGone)) throw error
      tally.outcomes.ungraded += count
      return Array.from({ length: count }, () => unrun('ungraded', error.message))
    })
    return unlessAborted(found, signal)
  }
  return {
    async inspect(text, signal): Promise<Inspection> {
      const { header } = await unlessAborted(front.ask({ op: 'inspect', text }), signal)
      if (typeof header.error === 'string') return { ok: false, error: header.error }
      return { ok: true, facts: header.facts as never }
    },
    async functionsOf(text, longest, signal): Promise<FoundFunctions> {
      const asked = front.ask({ op: 'functions', text, longest })
      const { header } = await unlessAborted(asked, signal)
      if (typeof header.error === 'string') return { ok: false, error: header.error }
      return { ok: true, functions: header.functions as never }
    },
    readLiteral: (text, signal) => unlessAborted(readLiteral(front, 'literal', text), signal),
    readArguments: (text, signal) => unlessAborted(readLiteral(front, 'arguments', text), signal),
    async execute(job, signal) {
      const { entry = 'f', inputs } = job
      if (!identifier.test(entry)) return inputs.map(() => unrun('rejected', `no ${entry}`))
      return guarded(inputs.length, signal, isDropped => execute(parts, job, isDropped))
    },
    async runScript(script, signal) {
      const count = script.stdins.length
      return guarded(count, signal, isDropped => runScript(parts, script, isDropped))
    },
    layers: () => weakest(tally),
    metrics: () => metricsOf(tally),
    pids: () => [...front.pids(), ...lanes.pids()],
    async stop() {
      await Promise.all([front.stop(), lanes.stop()])
    },
  }
}
