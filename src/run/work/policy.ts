/**
 * Weights are a state, not a fact: here the learner is brought to the version that is asked for,
 * from the newest checkpoint and the recorded updates after it, and gives its weights to the engine.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AzrError } from '../../../domain/errors.ts'
import { hashOf } from '../../../domain/hash.ts'
import { formatStep } from '../../../domain/key.ts'
import { rateAt } from '../../../domain/learning-rate.ts'
import type { UpdateRow, Write } from '../../../state/types.ts'
import { givesAdapters, processesOf } from '../../config/backend.ts'
import type { Config } from '../../config/config.ts'
import type { TrainingBatch, UpdateOptions, UpdateReport } from '../../engine/types.ts'
import { isCheckpointDue, loadCheckpoint, saveCheckpoint } from './checkpoints.ts'
import { asRecorded, fitted } from './memory.ts'
import type { Ports } from './ports.ts'
import { groupNames, type Sequence, trainingBatch } from './training-batch.ts'

const exportsKept = 2

/** What the loss and the step depend on: how a model is computed and fits is no part of it. */
function optionsOf({ trainer, solve }: Config, step: number): UpdateOptions {
  const { weightDecay, beta1, beta2, epsilon, decaySteps, maxGradientNorm } = trainer
  const { clipLow, clipHigh, importanceCap, entropyCoefficient, microBatchTokens } = trainer
  const learningRate = rateAt(trainer.learningRate, decaySteps, step)
  const optimizer = { learningRate, weightDecay, beta1, beta2, epsilon, maxGradientNorm }
  const loss = { clipLow, clipHigh, importanceCap, entropyCoefficient }
  const { importance, importanceFloor } = trainer
  // Named only where it is not the default: updates of before there was a choice keep their hash.
  const icepop = importance === 'icepop' ? { importance, importanceFloor } : {}
  return { ...optimizer, ...loss, ...icepop, temperature: solve.temperature, microBatchTokens }
}

/** Mismatch KL by role and kind, under their names. */
const mismatchOf = ({ groupKl }: UpdateReport) =>
  Object.fromEntries(Object.entries(groupKl).map(([i, kl]) => [groupNames[Number(i)], kl]))

function updateRow(
  ports: Ports,
  report: UpdateReport,
  count: number,
  input_hash: string,
): UpdateRow {
  const { config, session } = ports
  const { threads, minibatches } = config.trainer
  const processes = processesOf(config)
  return {
    id: formatStep(session.step),
    step: session.step,
    loss: report.loss,
    gradient_norm: report.gradientNorm,
    entropy: report.entropy,
    mismatch_kl: report.mismatchKl,
    mismatch_k3: report.mismatchK3,
    clip_fraction: report.clipFraction,
    sequences: count,
    tokens: report.tokens,
    skipped: report.skipped,
    weights_hash: report.weightsHash,
    layout: {
      threads,
      ...(processes > 1 ? { processes } : {}),
      minibatches,
      microBatches: report.microBatches,
      budgets: report.budgets,
      mismatchKl: mismatchOf(report),
      ...optionsOf(config, session.step),
    },
    input_hash,
    update_seconds: report.seconds,
  }
}

function itemWrites(ports: Ports): Write[] {
  const { step, batch } = ports.session
  return batch.map(({ id, ...item }, position) => {
    return { table: 'update_items', row: { step, position, rollout_id: id, ...item } }
  })
}

/** The batch of this step, from the rows that are in memory. */
async function gather(ports: Ports): Promise<Sequence[]> {
  const { session, store } = ports
  const rollouts = session.batch.map(({ id }) => {
    const row = store.cached('rollouts', id)
    if (!row) throw new Error(`Cannot train on ${id} as it is not in the store`)
    return row
  })
  const hashes = [...new Set(rollouts.map(row => row.prompt_hash))]
  const prompts = new Map(await store.read.promptIds(hashes))
  return session.batch.map((item, i) => {
    const { prompt_hash, ids, logprobs, role, kind } = rollouts[i] as (typeof rollouts)[number]
    const prompt = prompts.get(prompt_hash) as Uint8Array
    return { ...item, prompt, ids, logprobs, role, kind }
  })
}

async function loadBefore(ports: Ports, version: number): Promise<void> {
  ports.held = null
  const found = await loadCheckpoint(ports, version)
  if (found) ports.held = found
  else ports.held = { version: 0, ...(await ports.learner().load(ports.model)) }
}

type Recorded = { step: number; update: UpdateRow; batch: TrainingBatch }

async function readRecorded({ store }: Ports, step: number): Promise<Recorded> {
  const [rows, update] = [await store.read.batch(step), await store.read.update(step)]
  if (!update) throw new AzrError(`Cannot redo step ${step} as it has no update in the store`)
  if (rows.length !== update.sequences) {
    throw new AzrError(
      `Cannot redo the update of step ${step} as ${rows.length} of its ${update.sequences} sequences ` +
        'can be read: `azr db check` says what is lost',
    )
  }
  const sequences = rows.map(({ prompt_ids, ...row }) => ({ ...row, prompt: prompt_ids }))
  return { step, update, batch: trainingBatch(sequences) }
}

/** Shards are summed in another order by another number of processes. */
const isCutAlike = (config: Config, { layout }: UpdateRow) =>
  ((layout as { processes?: number }).processes ?? 1) === processesOf(config)

/** One recorded update again; its weights have to come out as they did. */
async function redo(ports: Ports, { step, update, batch }: Recorded): Promise<void> {
  const { store, config } = ports
  const options = asRecorded(update, optionsOf(config, step))
  const report = await ports.learner().update(batch, options)
  const isExact = report.weightsHash === update.weights_hash
  if (!isExact && ports.learner().isExact && isCutAlike(config, update)) {
    throw new AzrError(
      `Cannot redo the update of step ${step} exactly: the weights differ from those recorded. ` +
        'Was torch, the processor or the number of threads changed?',
    )
  }
  ports.held = { version: step, weightsHash: report.weightsHash }
  await store.event('update.redone', { step, seconds: report.seconds, isExact })
}

/** Brings the learner to a version, by checkpoint and redo log. */
export async function bringTo(ports: Ports, version: number): Promise<string> {
  if (ports.held === null || ports.held.version > version) await loadBefore(ports, version)
  const first = (ports.held?.version ?? version) + 1
  let next = first <= version ? readRecorded(ports, first) : null
  for (let step = first; next; step++) {
    const recorded: Recorded = await next
    // The next batch is read while the learner is busy with this one.
    next = step < version ? readRecorded(ports, step + 1) : null
    next?.catch(() => {})
    await redo(ports, recorded)
  }
  if (!ports.held) throw new Error('Cannot bring the learner to a version as it holds none')
  return ports.held.weightsHash
}

export async function update(ports: Ports, step: number): Promise<void> {
  const { config, session, store } = ports
  const options = optionsOf(config, step)
  const input_hash = hashOf([session.batch, options, config.trainer.minibatches])
  await store.memo('updates', formatStep(step), input_hash, async () => {
    await bringTo(ports, step - 1)
    const sequences = await gather(ports)
    const fitting = await fitted(ports, step, options)
    // Whatever happens to it from here on, it no longer holds the version that it held.
    ports.held = null
    const report = await ports.learner().update(trainingBatch(sequences), fitting)
    ports.held = { version: step, weightsHash: report.weightsHash }
    const row = updateRow(ports, report, sequences.length, input_hash)
    return { row, also: itemWrites(ports) }
  })
  await refuseStandstill(ports, step)
}

/** Stops a run whose updates are skipped one after another: nothing is learned, hours are lost. */
async function refuseStandstill({ config, store }: Ports, step: number): Promise<void> {
  const { maxSkipped } = config.trainer
  const reasons: string[] = []
  for (let at = step; at > 0 && reasons.length < maxSkipped; at -= 1) {
    const skipped = (await store.read.update(at))?.skipped
    if (!skipped || skipped === 'no sequences') return
    reasons.push(skipped)
  }
  if (reasons.length < maxSkipped) return
  throw new AzrError(
    `Cannot go on as ${maxSkipped} updates in a row were skipped, the last for: ${reasons[0]}. ` +
      'Fork from before them with a lower trainer.learningRate; --trainer.maxSkipped allows more',
  )
}

export async function save(ports: Ports, step: number): Promise<void> {
  if (!(await isCheckpointDue(ports, step))) return
  await bringTo(ports, step)
  await saveCheckpoint(ports, step)
}

/** The newest exports stay: the engine may still read the one before. */
function pruneExports(folder: string): void {
  const names = readdirSync(folder).sort()
  for (const name of names.slice(0, -exportsKept)) rmSync(join(folder, name), { recursive: true })
}

export async function exportPolicy(ports: Ports, version: number): Promise<string> {
  await bringTo(ports, version)
  const path = join('policies', formatStep(version))
  const merged = !givesAdapters(ports.config)
  await ports.learner().export(join(ports.store.folder, path), merged)
  pruneExports(join(ports.store.folder, 'policies'))
  return path
}
