/**
 * Checks a config against this machine, and opens what it names: its model, plug-ins, kinds, dialect
 * and suites. Starts nothing.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import { type Dialect, speak } from '../../domain/prompts/dialect.ts'
import { forms } from '../../domain/prompts/index.ts'
import { type KeptItems, openSuites, type Suite } from '../benchmarks/suites.ts'
import type { Config } from '../config/config.ts'
import { findModel } from '../config/model.ts'
import { python } from '../config/paths.ts'
import { checkEngine } from '../engine/start.ts'
import { checkLearner } from '../learner/settings.ts'
import { kindsIn, openPlugins, type Plugins } from '../plugins/open.ts'
import { shortestPrompts } from './prompts.ts'
import { checkSuitable } from './suitable.ts'

/** What a config names, opened. */
export type Checked = {
  model: string
  /** What is worth knowing of the model. */
  notes: string[]
  suites: Map<string, Suite>
  plugins: Plugins
  kinds: Kinds
  dialect: Dialect
}

/**
 * Everything that can be wrong with a config on this machine, before anything is started. `kept`: the
 * items that a run which goes on has of its suites.
 */
export async function checkWorld(
  config: Config,
  home: string,
  kept?: KeptItems,
  isAskedMore?: boolean,
): Promise<Checked> {
  const model = findModel(config.model.path)
  checkEngine(config, model)
  checkLearner(config)
  if (!existsSync(python)) {
    throw new UsageError(`Cannot start Python as ${python} is missing: run \`azr setup\``)
  }
  const plugins = await openPlugins(config)
  const kinds = kindsIn(config, plugins)
  const dialect = speak(forms[config.dialect], kinds.all)
  const { modes, between } = config.evaluate
  for (const mode of [...modes, ...between.modes]) {
    if (mode === 'greedy' || mode === 'sampled' || dialect.openings[mode]) continue
    throw new UsageError(
      `Cannot force ${mode} answers as dialect ${config.dialect} has no mark for it`,
    )
  }
  const notes = checkSuitable(config, model, shortestPrompts(config, kinds, dialect))
  const places = { model, data: join(home, 'data') }
  const known = { plugins, kinds, dialect, kept, isAskedMore }
  const suites = await openSuites(config, places, known)
  return { model, notes, suites, plugins, kinds, dialect }
}
