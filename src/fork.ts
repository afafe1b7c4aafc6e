/** A fork whose step has no checkpoint: the learner redoes the recorded updates up to there. */
import { join } from 'node:path'
import type { Draft } from '../state/fork.ts'
import { createStore } from '../state/store.ts'
import { parseConfig } from './config-load.ts'
import { formatStep } from './domain/key.ts'
import { startLearner } from './engine/learner.ts'
import { learnerOf } from './engine/learner-settings.ts'
import { python, trainerFolder } from './paths.ts'
import { bringTo } from './work/policy.ts'
import type { Ports } from './work/ports.ts'

/** Gives the draft a checkpoint of its step, made under the parent's config. */
export async function bringDraftTo(
  draft: Draft,
  step: number,
  model: string,
  cacheDir: string,
): Promise<void> {
  if (draft.checkpoint === step) return
  const config = parseConfig(draft.config, "the parent's config")
  const { folder } = draft
  const store = createStore(folder, join(folder, 'run.db'))
  const learner = await startLearner({
    ...{ python, pythonPath: trainerFolder, cacheDir, ...learnerOf(config, model) },
    logPath: join(folder, 'logs', 'learner.log'),
  })
  try {
    const ports = { config, store, model, held: null, learner: () => learner }
    await bringTo(ports as unknown as Ports, step)
    const path = join('checkpoints', `${formatStep(step)}-${process.pid}`)
    const { weightsHash: weights_hash } = await learner.save(join(folder, path))
    await store.write([{ table: 'checkpoints', row: { step, path, weights_hash } }])
  } finally {
    await Promise.all([learner.stop(), store.close()])
  }
}
