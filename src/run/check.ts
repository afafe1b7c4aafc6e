/**
 * Checks a config against this machine, and opens what it names: model, plug-ins, kinds, dialect
 * and suites. It starts nothing.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import type { Kinds } from '../../domain/kinds/index.ts'
import type { Dialect } from '../../domain/prompts/dialect.ts'
import { dialectOf } from '../../domain/prompts/index.ts'
import { type KeptItems, openSuites, type Suite } from '../benchmarks/suites.ts'
import type { Config } from '../config/config.ts'
import { findModel } from '../config/model.ts'
import { python } from '../config/paths.ts'
import { checkEngine } from '../engine/start.ts'
import { checkLearner } from '../learner/settings.ts'
import { kindsIn, openPlugins, type Plugins } from '../plugins/open.ts'
import { shortestPrompts } from './prompts.ts'
import { checkSuitable } from './suitable.ts'

/** The opened parts of a config. */
export type Checked = {
  model: string
  /** Notes about the model. */
  notes: string[]
  suites: Map<string, Suite>
  plugins: Plugins
  kinds: Kinds
  /** The dialect of self-play. */
  dialect: Dialect
  /** The dialect for the prompts of suites. */
  asking: Dialect
}

/** Thoughts are read in a completion's text, which leaves out special tokens. */
function checkThoughts({ dialect, reading, model: { path } }: Config, model: string): void {
  const file = join(model, 'tokenizer.json')
  if (dialect !== 'r1' || !existsSync(file)) return
  const { added_tokens: added = [] } = JSON.parse(readFileSync(file, 'utf8')) as {
    added_tokens?: { content: string; special: boolean }[]
  }
  const hidden = added.find(({ content, special }) => special && content === `</${reading.think}>`)
  if (!hidden) return
  throw new UsageError(
    'knob-unsuitable',
    `Cannot read the thoughts of ${path} as its tokenizer makes ${hidden.content} a special ` +
      'token: choose another tag, such as --reading.think=thought',
  )
}

/** A base model has no chat template. */
export const hasChatTemplate = (model: string) =>
  existsSync(join(model, 'chat_template.jinja')) ||
  (existsSync(join(model, 'tokenizer_config.json')) &&
    JSON.parse(readFileSync(join(model, 'tokenizer_config.json'), 'utf8')).chat_template != null)

function checkTemplate(
  { dialect, evaluate, engine, model: { path } }: Config,
  model: string,
): void {
  if (dialect !== 'r1' || evaluate.template !== 'chat') return
  if (!hasChatTemplate(model)) {
    throw new UsageError(
      'template-unavailable',
      `Cannot ask ${path} with its chat template as it has none: use --template plain`,
    )
  }
  if (engine.kind === 'embedded') {
    throw new UsageError(
      'template-unavailable',
      'Cannot ask with a chat template without vLLM: use --engine.kind=vllm',
    )
  }
}

/**
 * Finds everything that is wrong with a config on this machine, before anything starts. `kept` has
 * the items that a resumed run has of its suites.
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
    throw new UsageError(
      'python-missing',
      `Cannot start Python as ${python} is missing: run \`azr setup\``,
    )
  }
  const plugins = await openPlugins(config)
  const kinds = kindsIn(config, plugins)
  const dialect = dialectOf(config, kinds.all)
  const { modes, between } = config.evaluate
  for (const mode of [...modes, ...between.modes]) {
    if (mode === 'greedy' || mode === 'sampled' || dialect.openings[mode]) continue
    throw new UsageError(
      'dialect-unsuitable',
      `Cannot force ${mode} answers as dialect ${config.dialect} has no mark for it`,
    )
  }
  const notes = checkSuitable(config, model, shortestPrompts(config, kinds, dialect))
  checkTemplate(config, model)
  checkThoughts(config, model)
  const asking = dialectOf(config, kinds.all, config.evaluate.template)
  const places = { model, data: join(home, 'data') }
  const known = { plugins, kinds, dialect: asking, kept, isAskedMore }
  const suites = await openSuites(config, places, known)
  return { model, notes, suites, plugins, kinds, dialect, asking }
}
