/** The parity gate: engine and learner have to give the same sequences the same log-probabilities. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { FromTrainer } from '../../actors/messages.ts'
import { stream } from '../domain/rng.ts'
import { EngineGone } from '../errors.ts'
import { bringTo } from './policy.ts'
import type { Ports } from './ports.ts'
import { concatInts, ints } from './training-batch.ts'

const engineWaitMs = 200

/** An engine that dies meanwhile is started again by its actor: it is asked once more then. */
async function scoreByEngine(
  ports: Ports,
  version: number,
  sequences: Int32Array[],
  signal: AbortSignal,
): Promise<Float32Array[]> {
  for (;;) {
    try {
      if (ports.policy.version === version)
        return await ports.engine().sampler.score(sequences, signal)
    } catch (error) {
      if (!(error instanceof EngineGone)) throw error
    }
    await sleep(engineWaitMs, undefined, { signal })
  }
}

/** The parity gate: the same sequences, scored by learner and engine (design, section 2). */
export async function probe(
  ports: Ports,
  version: number,
  signal: AbortSignal,
): Promise<FromTrainer> {
  const { config, store, session } = ports
  if (!session.isSeeded) return { type: 'policy.probed', version, passed: true, largest: 0 }
  const weightsHash = await bringTo(ports, version)
  const rng = stream(config.seed, 'probe')
  const chosen = rng.sample(await store.read.seedRollouts(), config.parity.probes)
  const found = await store.read.sequences(chosen)
  const sequences = found.map(parts => concatInts(parts.map(ints)))
  const ours = await ports.learner().score(sequences)
  const theirs = await scoreByEngine(ports, version, sequences, signal)
  const gaps = ours.flatMap((row, i) =>
    Array.from(row, (value, j) => Math.abs(value - (theirs[i]?.[j] ?? Number.NaN))),
  )
  // NaN has to fail, so it must not be lost in Math.max.
  const largest = gaps.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(0, ...gaps)
  const passed = largest <= config.parity.tolerance
  const parity_mean = gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(1, gaps.length)
  if (!passed) await store.event('parity.failed', { version, largest })
  else if (!(await store.read.policy(version))) {
    const row = { version, weights_hash: weightsHash, parity_max: largest, parity_mean }
    await store.write([{ table: 'policies', row }])
  }
  return { type: 'policy.probed', version, passed, largest }
}
