/**
 * The parity gate: engine and learner have to give the same sequences the same log-probabilities.
 * It makes two comparisons. The probes are scored, without any cache. A few tokens are sampled
 * after their prompts, computed like rollouts. docs/explanation/parity.md says what each finds,
 * domain/parity.ts what is allowed.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FromTrainer } from '../../../actors/messages.ts'
import { EngineGone } from '../../../domain/errors.ts'
import {
  describeLook,
  differences,
  gapOf,
  type Look,
  type Resemblance,
  resemblance,
  suspectOf,
  tells,
  tolerances,
} from '../../../domain/parity.ts'
import type { Reading, Store } from '../../../state/types.ts'
import { givesAdapters, precisionOf } from '../../config/backend.ts'
import type { EngineServer, Learner } from '../../engine/types.ts'
import type { Prompts } from '../suitable.ts'
import type { Held } from './held.ts'
import { drawProbes, type Probes, writeProbes } from './probes.ts'
import { bringTo, type RedoPorts } from './redo.ts'
import { concatInts } from './training-batch.ts'

const engineWaitMs = 200
const sampledTokens = 8
/** Log-probabilities of completions have half precision, so they are off by at most 1/2048. */
const halfStep = 1 / 2048

type Asked = {
  sampler: Pick<EngineServer['sampler'], 'score' | 'complete'>
  prefixCache: EngineServer['prefixCache']
}

export type GatePorts = Omit<RedoPorts, 'held'> & {
  store: Pick<Store, 'write'> & Reading<'seedRollouts' | 'sequences' | 'policy'>
  /** The current engine. Throws if there is none. */
  engine: () => Asked
  /** The version of the policy that it serves. */
  served: () => number
  held: () => Held<'load' | 'update' | 'isExact' | 'score'>
  /** Whether the seeding is over. Only then are there rollouts to draw the probes from. */
  isSeeded: () => boolean
  /** Prompts that the engine continues to make probes, until there are rollouts. */
  prompts: Prompts
  /** Receives the figures of each look. */
  onLook?: (look: Look) => void
}

/** Decides whether the engine that serves a version may be used. */
export type Gate = (version: number, signal: AbortSignal) => Promise<FromTrainer>

type Rows = Float32Array[]
/** The scores that engine and learner gave to the probes at one policy. */
type Pair = [engine: Rows, learner: Rows]
/**
 * The engine's scores of the probes, and the differences of its sampled tokens from its own scores.
 */
type Seen = { scores: Rows; sampled: number[]; reused: number }

/** Asks the engine. If it dies meanwhile, its actor restarts it, and this asks again. */
async function askEngine<Found>(
  { engine, served }: GatePorts,
  version: number,
  signal: AbortSignal,
  ask: (asked: Asked) => Promise<Found>,
): Promise<Found> {
  for (;;) {
    try {
      if (served() === version) return await ask(engine())
    } catch (error) {
      if (!(error instanceof EngineGone)) throw error
    }
    await sleep(engineWaitMs, undefined, { signal })
  }
}

/**
 * How far sampled log-probabilities differ from the scores of the same tokens, minus their rounding
 * to half precision.
 */
function sampledGaps(drawn: { ids: Int32Array; logprobs: Float32Array }[], scores: Rows) {
  const tails = scores.map((row, i) => row.slice(row.length - (drawn[i]?.ids.length ?? 0)))
  const gaps = differences(
    tails,
    drawn.map(({ logprobs }) => logprobs),
  )
  const rounding = tails.flatMap(row => Array.from(row, value => Math.abs(value) * halfStep))
  return gaps.map((gap, i) => Math.max(0, Math.abs(gap) - (rounding[i] as number)))
}

type Looking = { probes: Probes; version: number; isFresh: boolean }

/**
 * `isFresh` means that nothing was requested since the load, so the prefix cache has to be empty.
 * The first prompt is sent alone, because the prompts have a common beginning.
 */
async function look(
  { sampler, prefixCache }: Asked,
  { probes, version, isFresh }: Looking,
  signal: AbortSignal,
): Promise<Seen> {
  const greedy = { maxTokens: sampledTokens, temperature: 0, topP: 1, seed: 0, stop: [] }
  const complete = (prompt: Int32Array) =>
    sampler.complete({ ...greedy, prompt, policyVersion: version }, signal)
  const [first, ...others] = probes.prompts
  const counted = async () => (isFresh ? ((await prefixCache(signal))?.cached ?? 0) : 0)
  const before = await counted()
  const drawn = first ? [await complete(first)] : []
  const reused = (await counted()) - before
  drawn.push(...(await Promise.all(others.map(complete))))
  // Score last: scoring does not read the prefix cache, but fills it.
  const scores = await sampler.score(probes.sequences, signal)
  const whole = drawn.map(({ ids }, i) => concatInts([probes.prompts[i] as Int32Array, ids]))
  return { scores, sampled: sampledGaps(drawn, await sampler.score(whole, signal)), reused }
}

/** The state that is kept between two comparisons. */
type Memory = {
  probes: Probes | null
  isSeeded: boolean
  /** The newest policy whose change from the one before was large enough to measure. */
  last: Pair | null
  bare: Pair | null
  /** The version that passed last; null if none did, or weights were loaded since. */
  passed: number | null
}

async function probesOf(ports: GatePorts, memory: Memory, version: number, signal: AbortSignal) {
  const isSeeded = ports.isSeeded()
  if (memory.probes && memory.isSeeded === isSeeded) return memory.probes
  const probes = isSeeded
    ? await drawProbes(ports)
    : await askEngine(ports, version, signal, ({ sampler }) => writeProbes(ports, sampler, signal))
  Object.assign(memory, { probes, isSeeded, last: null, bare: null })
  return probes
}

/** The model without its adapter never changes, so it is scored once. */
async function bareOf(
  ports: GatePorts,
  version: number,
  { sequences }: Probes,
  signal: AbortSignal,
): Promise<Pair | null> {
  if (!givesAdapters(ports.config)) return null
  const ask = ({ sampler }: Asked) => sampler.score(sequences, signal, true)
  const engine = await askEngine(ports, version, signal, ask)
  return [engine, await ports.held().learner.score(sequences, signal, true)]
}

type Compared = { look: Look; now: Pair; weightsHash: string }

async function compare(
  ports: GatePorts,
  memory: Memory,
  version: number,
  signal: AbortSignal,
): Promise<Compared> {
  const weightsHash = await bringTo(ports, version)
  // Prompts that the engine has just continued are in its prefix cache.
  const isWritten = !ports.isSeeded() && memory.probes === null
  const probes = await probesOf(ports, memory, version, signal)
  const learner: Pick<Learner, 'score'> = ports.held().learner
  const ours = await learner.score(probes.sequences)
  const isOwn = ports.config.engine.kind === 'vllm'
  const isFresh = isOwn && memory.passed !== version && !isWritten
  const looking = { probes, version, isFresh }
  const seen = await askEngine(ports, version, signal, asked => look(asked, looking, signal))
  const now: Pair = [seen.scores, ours]
  memory.bare ??= await bareOf(ports, version, probes, signal)
  const to = (then: Pair | null): Resemblance | null => (then ? resemblance(now, then) : null)
  const { sampled, reused } = seen
  const scored = gapOf(differences(ours, seen.scores))
  const found = { scored, sampled: gapOf(sampled), reused }
  return { look: { ...found, toLast: to(memory.last), toBare: to(memory.bare) }, now, weightsHash }
}

export function createGate(ports: GatePorts): Gate {
  const { config, store } = ports
  const precision = precisionOf(config)
  const tolerance = config.parity.tolerance ?? tolerances[precision]
  const memory: Memory = { probes: null, isSeeded: false, last: null, bare: null, passed: null }
  return async (version, signal) => {
    const { look, now, weightsHash } = await compare(ports, memory, version, signal)
    ports.onLook?.(look)
    const { scored, sampled } = look
    const largest = Math.max(scored.largest, sampled.largest)
    const suspect = suspectOf(look, precision, tolerance) ?? ''
    const measured = describeLook(look, precision, tolerance)
    const passed = suspect === ''
    memory.passed = passed ? version : null
    // If a change is too small to measure, the next one is measured from the same earlier policy.
    if (passed && (memory.last === null || tells(look.toLast))) memory.last = now
    if (!passed) await store.event('parity.failed', { version, suspect, ...look })
    else if (ports.isSeeded() && !(await store.read.policy(version))) {
      const means = { parity_max: largest, parity_mean: scored.mean }
      const row = { version, weights_hash: weightsHash, ...means }
      await store.write([{ table: 'policies', row }])
    }
    return { type: 'policy.probed', version, passed, largest, measured, suspect }
  }
}
