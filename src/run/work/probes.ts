/**
 * Makes the probes of the parity gate: rollouts of the seeding. Before there are any, the engine
 * continues the run's shortest prompts.
 */
import { stream } from '../../../domain/rng.ts'
import type { Reading } from '../../../state/types.ts'
import type { Config } from '../../config/config.ts'
import type { Sampler } from '../../engine/types.ts'
import type { Prompts } from '../suitable.ts'
import { concatInts, ints } from './training-batch.ts'

export type Probes = { prompts: Int32Array[]; sequences: Int32Array[] }

/** Long enough to be useful, and so short that it costs almost nothing. */
const firstTokens = 256

type ProbePorts = { config: Config; store: Reading<'seedRollouts' | 'sequences'> }

export async function drawProbes({ config, store }: ProbePorts): Promise<Probes> {
  const rng = stream(config.seed, 'probe')
  const chosen = rng.sample(await store.read.seedRollouts(), config.parity.probes)
  const found = (await store.read.sequences(chosen)).map(parts => parts.map(ints))
  return {
    prompts: found.map(([prompt = new Int32Array()]) => prompt),
    sequences: found.map(concatInts),
  }
}

/** These probes are never stored, and no result of the run depends on them. */
export async function writeProbes(
  { config, prompts }: { config: Config; prompts: Prompts },
  sampler: Pick<Sampler, 'complete'>,
  signal: AbortSignal,
): Promise<Probes> {
  const texts = Object.values(prompts)
  const count = texts.length === 0 ? 0 : config.parity.probes
  const written = await Promise.all(
    Array.from({ length: count }, (_, seed) => {
      const { text, answer } = texts[seed % texts.length] as (typeof texts)[number]
      const maxTokens = Math.min(answer, firstTokens)
      const request = { prompt: text, maxTokens, temperature: 1, topP: 1, seed, stop: [] }
      return sampler.complete(request, signal)
    }),
  )
  return {
    prompts: written.map(({ promptIds }) => promptIds),
    sequences: written.map(({ promptIds, ids }) => concatInts([promptIds, ids])),
  }
}
