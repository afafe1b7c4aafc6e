/**
 * Brings a fork's weights to its step. Its learner has to be of the kind that made them. If the
 * step has no checkpoint, the recorded updates are redone.
 */
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { formatStep } from '../../domain/key.ts'
import type { Draft } from '../../state/fork.ts'
import { createStore } from '../../state/store.ts'
import { learnerKind } from '../config/backend.ts'
import type { Config } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import { python, trainerFolder } from '../config/paths.ts'
import { startLearner } from '../learner/learner.ts'
import { learnerOf } from '../learner/settings.ts'
import { hold } from './work/held.ts'
import { bringTo } from './work/redo.ts'

/** Throws UsageError if the step's weights and optimiser do not fit the fork's learner. */
export function checkSameLearner(run: string, step: number, before: Config, after: Config): void {
  // At step 0 nothing has been learned yet.
  if (step === 0) return
  const [made, asked] = [learnerKind(before), learnerKind(after)]
  const other = Object.entries(asked).find(([knob, value]) => made[knob] !== value)
  if (!other) return
  const [knob, value] = other
  throw new UsageError(
    'fork-unlike',
    `Cannot fork at step ${step} with trainer.${knob}=${value} as its weights and optimiser were made ` +
      `with trainer.${knob}=${made[knob]}: keep that, fork at step 0, or begin a run from those weights ` +
      `(\`azr export ${run} --to hf --step ${step}\`, then --model.path=DIR)`,
  )
}

/** Makes a checkpoint of the step for the draft, under the parent's config. */
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
  try {
    const learner = await startLearner({
      python,
      pythonPath: trainerFolder,
      cacheDir,
      ...learnerOf(config, model),
      logPath: join(folder, 'logs', 'learner.log'),
    })
    try {
      const held = hold(learner)
      await bringTo({ config, store, model, held: () => held }, step)
      const path = join('checkpoints', `${formatStep(step)}-${process.pid}`)
      const { weightsHash: weights_hash } = await learner.save(join(folder, path))
      await store.write([{ table: 'checkpoints', row: { step, path, weights_hash } }])
    } finally {
      await learner.stop()
    }
  } finally {
    await store.close()
  }
}
