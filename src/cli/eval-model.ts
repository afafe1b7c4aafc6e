/** Finds the model that `azr eval` scores, and how to serve it. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { runAtForm, runAtIn } from '../../domain/run-at.ts'
import { readRun, runNames } from '../../state/open.ts'
import type { Config } from '../config/config.ts'
import { loadConfig, parseConfig, presetNames } from '../config/load.ts'
import { findModel as findModelFolder, shapeIn } from '../config/model.ts'
import { locate } from '../config/paths.ts'
import { isAdapter, mergeAdapter } from '../learner/merged.ts'
import type { Args } from './args.ts'
import { bestCheckpoint } from './best.ts'

/** `config` is that of the model's run; null for a folder. */
export type Found = { path: string; lineage: unknown; config: unknown }

/**
 * The model's folder: given directly, or a run's checkpoint. Step 0 is the model that it began
 * with.
 */
export function findModel(home: string, given: string): Found {
  const folder = locate(given)
  if (existsSync(join(folder, 'config.json')))
    return { path: folder, lineage: { model: given }, config: null }
  const place = runAtIn(given)
  if (!place || !runNames(home).includes(place.run)) {
    throw new UsageError(
      'model-unknown',
      `Cannot find model ${given}: it is neither a folder nor a run in ${home}; ${runAtForm}`,
    )
  }
  const { run: name, at } = place
  const { rows, run } = readRun(home, name, reader => {
    return { rows: reader.checkpoints(), run: reader.run() }
  })
  if (run && at === 0) {
    const { model } = run.config as { model: { path: string } }
    const lineage = { run: name, step: 0 }
    return { path: findModelFolder(model.path), lineage, config: run.config }
  }
  const kept = rows.filter(({ path }) => existsSync(join(home, name, path)))
  const wanted = at === 'best' ? bestCheckpoint(home, name)?.step : at
  const found = at === null ? kept.at(-1) : kept.find(row => row.step === wanted)
  if (found) {
    const lineage = { run: name, step: found.step }
    const checkpoint = join(home, name, found.path)
    const { config = null } = run ?? {}
    return { path: wholeModel(home, name, checkpoint, config), lineage, config }
  }
  const steps = [0, ...kept.map(row => row.step)].join(', ')
  throw new UsageError(
    'step-unknown',
    `Cannot find ${at === null ? 'a checkpoint' : `step ${at}`} of run ${name}: it keeps ` +
      `checkpoints of steps ${steps}`,
  )
}

/** Merges an adapter once, into the cache. */
function wholeModel(home: string, run: string, checkpoint: string, config: unknown): string {
  if (!isAdapter(checkpoint)) return checkpoint
  const { model } = config as { model: { path: string } }
  const whole = join(home, 'cache', 'merged', `${run}-${basename(checkpoint)}`)
  if (!existsSync(join(whole, 'config.json'))) {
    mergeAdapter(findModelFolder(model.path), checkpoint, whole)
  }
  return whole
}

/** The vocabulary decides the dialect: the embedded model has a token for each mark. */
function speaksMicro(path: string): boolean {
  const tokenizer = join(path, 'tokenizer.json')
  return existsSync(tokenizer) && readFileSync(tokenizer, 'utf8').includes('"<PD>"')
}

/** The preset for a model: one that names it, or one of the same shape. */
function presetFor(path: string, given: string): string {
  if (speaksMicro(path)) return 'micro'
  const shape = JSON.stringify(shapeIn(path))
  const name = basename(given).toLowerCase()
  const known = presetNames().map(preset => ({ preset, model: loadConfig(preset).model }))
  const named = known.find(({ model }) => basename(model.path).toLowerCase() === name)
  const alike = known.find(({ model }) => shape !== 'null' && JSON.stringify(model.shape) === shape)
  const found = named ?? alike
  if (found) return found.preset
  throw new UsageError(
    'preset-needed',
    `Cannot find a preset for ${given}: name one with --preset, which is ` +
      `${presetNames().join(', ')}, or your own file`,
  )
}

/** How to serve it: as in its run, or as its preset says. */
export function servedAs({ flags }: Args, { path, config }: Found, given: string): Config {
  if (config !== null) return parseConfig(config, 'the stored config')
  return loadConfig(flags.get('preset') ?? presetFor(path, given))
}
