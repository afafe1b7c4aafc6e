/**
 * Brings the learner to a version, from the newest checkpoint and the recorded updates after it.
 * Weights are a state, not a fact.
 */
import { AzrError } from '../../../domain/errors.ts'
import type { Reading, UpdateRow } from '../../../state/types.ts'
import { processesOf } from '../../config/backend.ts'
import type { Config } from '../../config/config.ts'
import type { TrainingBatch } from '../../engine/types.ts'
import { type LoadPorts, loadCheckpoint } from './checkpoints.ts'
import type { Held, Weights } from './held.ts'
import { asRecorded, optionsOf } from './options.ts'
import { isRecalled } from './recall.ts'
import { trainingBatch, unknownLogprobs } from './training-batch.ts'

export type RedoPorts = LoadPorts & {
  config: Config
  store: Reading<'batch' | 'update'>
  /** The current learner. Throws if there is none. */
  held: () => Held<'load' | 'update' | 'isExact'>
  /** The model's folder, absolute. */
  model: string
}

async function loadBefore(ports: RedoPorts, version: number): Promise<Weights> {
  const { learner } = ports.held()
  const found = await loadCheckpoint(ports, learner, version)
  return found ?? { version: 0, weightsHash: (await learner.load(ports.model)).weightsHash }
}

type Recorded = { step: number; update: UpdateRow; batch: TrainingBatch }

async function readRecorded({ store }: RedoPorts, step: number): Promise<Recorded> {
  const [rows, update] = [await store.read.batch(step), await store.read.update(step)]
  if (!update)
    throw new AzrError(
      'redo-impossible',
      `Cannot redo step ${step} as it has no update in the store`,
    )
  if (rows.length !== update.sequences) {
    throw new AzrError(
      'redo-impossible',
      `Cannot redo the update of step ${step} as ${rows.length} of its ${update.sequences} ` +
        'sequences can be read: `azr db check` shows what is lost',
    )
  }
  const sequences = rows.map(({ prompt_ids: prompt, logprobs, ...row }) => {
    const isOld = isRecalled(row.rollout_id, step)
    return { ...row, prompt, logprobs: isOld ? unknownLogprobs(logprobs) : logprobs }
  })
  return { step, update, batch: trainingBatch(sequences) }
}

/** A different number of processes sums shards in a different order. */
const isCutAlike = (config: Config, { layout }: UpdateRow) =>
  ((layout as { processes?: number }).processes ?? 1) === processesOf(config)

/** Repeats one recorded update. Its weights have to be the same. */
async function redo(ports: RedoPorts, { step, update, batch }: Recorded): Promise<Weights> {
  const { store, config } = ports
  const { learner } = ports.held()
  const options = asRecorded(update, optionsOf(config, step))
  const { weightsHash, seconds } = await learner.update(batch, options)
  const isExact = weightsHash === update.weights_hash
  if (!isExact && learner.isExact && isCutAlike(config, update)) {
    throw new AzrError(
      'redo-differs',
      `Cannot redo the update of step ${step} exactly: the weights differ from those recorded. ` +
        'Was torch, the processor or the number of threads changed?',
    )
  }
  await store.event('update.redone', { step, seconds, isExact })
  return { version: step, weightsHash }
}

/** Brings the learner to a version, by checkpoint and redo log. Returns the hash of its weights. */
export async function bringTo(ports: RedoPorts, version: number): Promise<string> {
  const held = ports.held()
  let weights = held.weights
  if (weights === null || weights.version > version) {
    held.weights = null
    weights = await loadBefore(ports, version)
    held.weights = weights
  }
  const first = weights.version + 1
  let next = first <= version ? readRecorded(ports, first) : null
  for (let step = first; next; step++) {
    const recorded: Recorded = await next
    // Reads the next batch while the learner works on this one.
    next = step < version ? readRecorded(ports, step + 1) : null
    next?.catch(() => {})
    weights = await redo(ports, recorded)
    held.weights = weights
  }
  return weights.weightsHash
}
