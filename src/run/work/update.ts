/**
 * Does the update of a step once: from the graded batch to the row with its effect on the weights.
 * The learner computes the update (azr_trainer/update.py).
 */
import type { Advantage } from '../../../domain/advantage/index.ts'
import { AzrError } from '../../../domain/errors.ts'
import { hashOf } from '../../../domain/hash.ts'
import { formatStep } from '../../../domain/key.ts'
import type { Reading, Store, Write } from '../../../state/types.ts'
import { processesOf } from '../../config/backend.ts'
import type { Config } from '../../config/config.ts'
import type { UpdateReport } from '../../engine/types.ts'
import { type FitPorts, fitted } from './memory.ts'
import { optionsOf } from './options.ts'
import { isRecalled } from './recall.ts'
import { bringTo, type RedoPorts } from './redo.ts'
import { groupNames, type Sequence, trainingBatch, unknownLogprobs } from './training-batch.ts'

/** Mismatch KL by role and kind, with their names. */
function mismatchOf({ groupKl }: UpdateReport, sequences: readonly Sequence[]) {
  const names = groupNames(sequences)
  return Object.fromEntries(Object.entries(groupKl).map(([i, kl]) => [names[Number(i)], kl]))
}

export type UpdatePorts = RedoPorts &
  FitPorts & { store: Pick<Store, 'memo' | 'cached'> & Reading<'promptIds' | 'rolloutsById'> }

/** The batch to train on. */
export type StepBatch = { step: number; batch: readonly Advantage[] }

type Updated = { step: number; report: UpdateReport; sequences: readonly Sequence[] }

function updateRow(config: Config, { step, report, sequences }: Updated, input_hash: string) {
  const { threads, minibatches } = config.trainer
  const processes = processesOf(config)
  return {
    id: formatStep(step),
    step,
    loss: report.loss,
    gradient_norm: report.gradientNorm,
    entropy: report.entropy,
    mismatch_kl: report.mismatchKl,
    mismatch_k3: report.mismatchK3,
    clip_fraction: report.clipFraction,
    sequences: sequences.length,
    tokens: report.tokens,
    skipped: report.skipped,
    weights_hash: report.weightsHash,
    layout: {
      threads,
      ...(processes > 1 ? { processes } : {}),
      minibatches,
      microBatches: report.microBatches,
      budgets: report.budgets,
      mismatchKl: mismatchOf(report, sequences),
      ...optionsOf(config, step),
    },
    input_hash,
    update_seconds: report.seconds,
  }
}

/** The batch in the form of stored rows. */
export function itemWrites({ step, batch }: StepBatch): Write[] {
  return batch.map(({ id, ...item }, position) => {
    return { table: 'update_items', row: { step, position, rollout_id: id, ...item } }
  })
}

/** The batch with its tokens, from rows in memory. Recalled proposals are read from the store. */
async function gather({ store }: UpdatePorts, { step, batch }: StepBatch): Promise<Sequence[]> {
  const old = batch.flatMap(({ id }) => (isRecalled(id, step) ? [id] : []))
  const earlier = new Map((await store.read.rolloutsById(old)).map(row => [row.id, row]))
  const rollouts = batch.map(({ id }) => {
    const row = earlier.get(id) ?? store.cached('rollouts', id)
    if (!row) throw new Error(`Cannot train on ${id} as it is not in the store`)
    return row
  })
  const hashes = [...new Set(rollouts.map(row => row.prompt_hash))]
  const prompts = new Map(await store.read.promptIds(hashes))
  return batch.map((item, i) => {
    const { prompt_hash, ids, role, kind, ...row } = rollouts[i] as (typeof rollouts)[number]
    const prompt = prompts.get(prompt_hash) as Uint8Array
    const logprobs = earlier.has(item.id) ? unknownLogprobs(row.logprobs) : row.logprobs
    return { ...item, prompt, ids, logprobs, role, kind }
  })
}

/** Stops a run whose updates are skipped one after another: it would learn nothing for hours. */
async function refuseStandstill({ config, store }: FitPorts, step: number): Promise<void> {
  const { maxSkipped } = config.trainer
  const reasons: string[] = []
  for (let at = step; at > 0 && reasons.length < maxSkipped; at -= 1) {
    const skipped = (await store.read.update(at))?.skipped
    if (!skipped || skipped === 'no sequences') return
    reasons.push(skipped)
  }
  if (reasons.length < maxSkipped) return
  throw new AzrError(
    'updates-skipped',
    `Cannot continue as ${maxSkipped} updates in a row were skipped, the last because of: ` +
      `${reasons[0]}. Fork from before them with a lower trainer.learningRate; ` +
      '--trainer.maxSkipped allows more',
  )
}

export async function update(ports: UpdatePorts, given: StepBatch): Promise<void> {
  const { config, store } = ports
  const { step, batch } = given
  const options = optionsOf(config, step)
  const input_hash = hashOf([batch, options, config.trainer.minibatches])
  await store.memo('updates', formatStep(step), input_hash, async () => {
    await bringTo(ports, step - 1)
    const sequences = await gather(ports, given)
    const fitting = await fitted(ports, step, options)
    const held = ports.held()
    // From here on the learner no longer holds its previous version, whatever happens.
    held.weights = null
    const report = await held.learner.update(trainingBatch(sequences), fitting)
    held.weights = { version: step, weightsHash: report.weightsHash }
    const row = updateRow(config, { step, report, sequences }, input_hash)
    return { row, also: itemWrites(given) }
  })
  await refuseStandstill(ports, step)
}
