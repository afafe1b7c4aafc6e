/**
 * The parity gate: engine and learner have to agree on the log-probabilities of the same sequences.
 * It makes two tests. The probes are scored, without any cache. A few tokens are sampled after
 * their prompts, as rollouts are. docs/explanation/parity.md explains tolerances and tests.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FromTrainer } from '../../../actors/messages.ts'
import { EngineGone } from '../../../domain/errors.ts'
import { stream } from '../../../domain/rng.ts'
import type { Reading, Store } from '../../../state/types.ts'
import { givesAdapters } from '../../config/backend.ts'
import type { Learner, Sampler } from '../../engine/types.ts'
import type { Held } from './held.ts'
import { bringTo, type RedoPorts } from './redo.ts'
import { concatInts, ints } from './training-batch.ts'

const engineWaitMs = 200
const sampledTokens = 8
/** Log-probabilities of completions are half precision: off by at most 1/2048 of themselves. */
const halfStep = 1 / 2048

type Asked = Pick<Sampler, 'score' | 'complete'>

export type GatePorts = Omit<RedoPorts, 'held'> & {
  store: Pick<Store, 'write'> & Reading<'seedRollouts' | 'sequences' | 'policy'>
  /** The current engine. Throws if there is none. */
  engine: () => { sampler: Asked }
  /** Version of the policy that the engine serves. */
  served: () => number
  held: () => Held<'load' | 'update' | 'isExact' | 'score'>
  /** Whether the seeding is over. Only then are there rollouts to draw the probes from. */
  isSeeded: () => boolean
}

/** Decides whether the engine that serves a version may be used. */
export type Gate = (version: number, signal: AbortSignal) => Promise<FromTrainer>

type Probes = { prompts: Int32Array[]; sequences: Int32Array[] }
/** The engine's scores of the probes, and its samples after their prompts. */
type Seen = { scores: Float32Array[]; drawn: { ids: Int32Array; logprobs: Float32Array }[] }

async function look(sampler: Asked, probes: Probes, policyVersion: number, signal: AbortSignal) {
  const greedy = { maxTokens: sampledTokens, temperature: 0, topP: 1, seed: 0, stop: [] }
  const scores = await sampler.score(probes.sequences, signal)
  const drawn = await Promise.all(
    probes.prompts.map(prompt => sampler.complete({ ...greedy, prompt, policyVersion }, signal)),
  )
  return { scores, drawn }
}

/** An engine that dies meanwhile is restarted by its actor. Then it is asked once more. */
async function askEngine(
  { engine, served }: GatePorts,
  version: number,
  probes: Probes,
  signal: AbortSignal,
): Promise<Seen> {
  for (;;) {
    try {
      if (served() === version) {
        return await look(engine().sampler, probes, version, signal)
      }
    } catch (error) {
      if (!(error instanceof EngineGone)) throw error
    }
    await sleep(engineWaitMs, undefined, { signal })
  }
}

/** Differences between two lists of rows, in order. A missing value counts as infinity. */
function gapsOf(ours: readonly Float32Array[], theirs: readonly Float32Array[]): number[] {
  return ours.flatMap((row, i) =>
    Array.from(row, (value, j) => {
      const gap = Math.abs(value - (theirs[i]?.[j] ?? Number.NaN))
      // NaN has to fail, and Math.max must not hide it.
      return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : gap
    }),
  )
}

const largestOf = (gaps: readonly number[]) => gaps.reduce((most, gap) => Math.max(most, gap), 0)

type Scorer = Pick<Learner, 'score'>

/** Differences between sampled log-probabilities and the learner's for the same tokens. */
async function sampledGaps(learner: Scorer, { prompts }: Probes, { drawn }: Seen) {
  const whole = drawn.map(({ ids }, i) => concatInts([prompts[i] as Int32Array, ids]))
  const ours = await learner.score(whole)
  const tails = ours.map((row, i) => row.slice((prompts[i] as Int32Array).length - 1))
  const rounding = tails.flatMap(row => Array.from(row, value => Math.abs(value) * halfStep))
  const gaps = gapsOf(
    tails,
    drawn.map(({ logprobs }) => logprobs),
  )
  return gaps.map((gap, i) => Math.max(0, gap - (rounding[i] as number)))
}

type Gaps = { scored: number; toLast: number; toBare: number }

/** The part that is most likely broken, from the failed test and from what the engine resembles. */
function suspectOf({ scored, toLast, toBare }: Gaps, tolerance: number): string {
  if (scored <= tolerance) {
    return 'sampling disagrees where scoring agrees: a stale prefix cache, or a stale adapter'
  }
  if (toBare <= tolerance) {
    return 'it answers as the model without its adapter: the adapter is bound to no layer'
  }
  if (toLast <= tolerance) {
    return 'it answers as the policy before: the load was skipped, or loaded old weights'
  }
  return 'it answers as neither this policy nor the one before: damaged weights, or a stale output head'
}

/** Compares the engine with the previous policy, and with the bare model if it has an adapter. */
async function likeness(
  { config, engine }: GatePorts,
  { scores, last }: { scores: Float32Array[]; last: Float32Array[] | null },
  { sequences }: Probes,
  signal: AbortSignal,
) {
  const far = Number.POSITIVE_INFINITY
  const toLast = last ? largestOf(gapsOf(last, scores)) : far
  if (!givesAdapters(config)) return { toLast, toBare: far }
  // A failure to name the suspect must not hide that there is one.
  const ask = engine().sampler.score(sequences, signal, true)
  const toBare = await ask.then(bare => largestOf(gapsOf(bare, scores))).catch(() => far)
  return { toLast, toBare }
}

async function drawProbes({ config, store }: GatePorts): Promise<Probes> {
  const rng = stream(config.seed, 'probe')
  const chosen = rng.sample(await store.read.seedRollouts(), config.parity.probes)
  const found = (await store.read.sequences(chosen)).map(parts => parts.map(ints))
  return {
    prompts: found.map(([prompt = new Int32Array()]) => prompt),
    sequences: found.map(concatInts),
  }
}

/** Compares the same sequences in learner and engine. */
async function compare(ports: GatePorts, version: number, signal: AbortSignal) {
  const weightsHash = await bringTo(ports, version)
  const probes = await drawProbes(ports)
  const { learner } = ports.held()
  const ours = await learner.score(probes.sequences)
  const seen = await askEngine(ports, version, probes, signal)
  const gaps = gapsOf(ours, seen.scores)
  const [scored, sampled] = [largestOf(gaps), largestOf(await sampledGaps(learner, probes, seen))]
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length)
  return { weightsHash, probes, scores: seen.scores, scored, sampled, mean }
}

export function createGate(ports: GatePorts): Gate {
  const { config, store } = ports
  const { tolerance } = config.parity
  /** The engine's scores of the probes when it last passed. */
  let last: Float32Array[] | null = null
  return async (version, signal) => {
    const passing = {
      type: 'policy.probed',
      version,
      passed: true,
      largest: 0,
      suspect: '',
    } as const
    if (!ports.isSeeded()) return passing
    const { weightsHash, probes, scores, scored, sampled, mean } = await compare(
      ports,
      version,
      signal,
    )
    const largest = Math.max(scored, sampled)
    if (largest <= tolerance) {
      last = scores
      if (!(await store.read.policy(version))) {
        const row = { version, weights_hash: weightsHash, parity_max: largest, parity_mean: mean }
        await store.write([{ table: 'policies', row }])
      }
      return { ...passing, largest }
    }
    const like = await likeness(ports, { scores, last }, probes, signal)
    const suspect = suspectOf({ scored, ...like }, tolerance)
    await store.event('parity.failed', { version, largest, scored, sampled, suspect })
    return { ...passing, passed: false, largest, suspect }
  }
}
