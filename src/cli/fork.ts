import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { shownOf } from '../../domain/kinds/index.ts'
import { jsonText } from '../../lib/terminal.ts'
import { draftFork } from '../../state/fork.ts'
import { existingRun, openRun, readRun, runNames } from '../../state/open.ts'
import type { Reader } from '../../state/reader.ts'
import { itemRows } from '../benchmarks/suites.ts'
import { alteredConfig, parseConfig, withRoom } from '../config/load.ts'
import { checkSameModel } from '../config/model.ts'
import { checkSamePlugins, pluginRows } from '../plugins/open.ts'
import { checkWorld } from '../run/check.ts'
import { bringDraftTo, checkSameLearner } from '../run/fork.ts'
import { versionsOf } from '../run/versions.ts'
import { type Args, type CommandSpec, homeOf, numberOf, setFlag } from './args.ts'
import { corpusPrograms } from './corpus-programs.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'fork',
  summary: "Begins a new run from a run's state at the end of a step, with other settings.",
  positions: ['RUN'],
  takesKnobs: true,
  flags: {
    at: { value: 'STEP', about: 'the step to begin from' },
    ...setFlag,
    run: { value: 'NAME', about: 'name of the new run; default: RUN-at-STEP' },
    'no-start': { about: 'only create it; `azr resume NAME` starts it' },
    ...serveFlags,
  },
  detail:
    'Weights, optimiser, buffers and counters are those of that step. If it has no ' +
    'checkpoint, the\nupdates since an earlier checkpoint are repeated. The parent is only ' +
    'read, and may be deleted.\nKnobs that weights and optimiser depend on cannot change, ' +
    'except in a fork at step 0:\ntrainer.backend, method, dtype, optimizer, loraRank and ' +
    'loraAlpha.',
}

function freeName(home: string, stem: string): string {
  const taken = runNames(home)
  let found = stem
  for (let n = 2; taken.includes(found); n++) found = `${stem}-${n}`
  return found
}

const look = (reader: Reader) => ({
  stored: reader.run(),
  last: reader.lastStep() ?? -1,
  kept: reader.suiteItems(),
  longest: reader.longestContext(),
})

function stepOf(args: Args): number {
  const step = numberOf(args, 'at')
  if (step !== undefined) return step
  throw new UsageError(
    'argument-missing',
    `Cannot fork without a step: azr fork ${args.positions[0]} --at 10`,
  )
}

export async function run(args: Args): Promise<number> {
  const home = homeOf(args)
  const parent = args.positions[0] as string
  existingRun(home, parent)
  const step = stepOf(args)
  const { stored, last, kept, longest } = readRun(home, parent, look)
  const config = alteredConfig(withRoom(stored?.config, longest), args.overrides)
  if (step <= last && config.steps <= step) {
    throw new UsageError(
      'fork-past-end',
      `Cannot fork at step ${step} as the new run would end at ${config.steps}: --set steps=${step * 2 + 1}`,
    )
  }
  checkSameLearner(parent, step, parseConfig(stored?.config, 'the stored config'), config)
  const isAskedMore = args.overrides.some(({ path }) => path.startsWith('evaluate.'))
  const { model, suites, plugins, kinds, asking } = await checkWorld(
    config,
    home,
    kept,
    isAskedMore,
  )
  checkSamePlugins('fork', parent, stored?.plugins ?? [], plugins)
  await checkSameModel(parent, model, stored?.versions.model)
  const isKnown = (folder: string) =>
    readRun(home, parent, reader => reader.corpus(folder).length > 0)
  const settings = Object.fromEntries(args.overrides.map(({ path, value }) => [path, value]))
  const name = args.flags.get('run') ?? freeName(home, `${parent}-at-${step}`)
  const versions = await versionsOf(config, model)
  const suite_items = itemRows(config, { suites, dialect: asking })
  const ofCorpus = await corpusPrograms(config, kinds, isKnown)
  const draft = draftFork({
    home,
    parent,
    step,
    name,
    config,
    settings,
    versions,
    plugins: pluginRows(plugins),
    kinds: shownOf(kinds),
    given: { suite_items, ...ofCorpus },
  })
  try {
    await bringDraftTo(draft, step, model, join(home, 'cache'))
    draft.keep()
  } finally {
    draft.drop()
  }
  process.stderr.write(`run ${name} forks from ${parent} at step ${step}\n`)
  const opened = await openRun(home, name)
  await opened.store.event('forked', { run: parent, step, settings })
  if (!args.flags.has('no-start')) {
    return selfPlay({ run: opened, name, config, args, begun: 'started' })
  }
  await opened.release()
  process.stderr.write(`continue it with \`azr resume ${name}\`\n`)
  if (args.flags.has('json'))
    process.stdout.write(`${jsonText({ id: name, forked: { run: parent, step } })}\n`)
  return 0
}
