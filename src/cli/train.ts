import { basename } from 'node:path'
import { shownOf } from '../../domain/kinds/index.ts'
import { stamp } from '../../lib/formats.ts'
import { openRun, runNames } from '../../state/open.ts'
import { itemRows } from '../benchmarks/suites.ts'
import { loadConfig, presetNames } from '../config/load.ts'
import { pluginRows } from '../plugins/open.ts'
import { checkWorld } from '../run/check.ts'
import { versionsOf } from '../run/versions.ts'
import { type Args, type CommandSpec, homeOf, publishedFlag } from './args.ts'
import { corpusPrograms } from './corpus-programs.ts'
import { dryRun } from './dry-run.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'train',
  summary: 'Begins a run of self-play and works on it until its steps are done.',
  positions: ['[PRESET|FILE]'],
  takesKnobs: true,
  flags: {
    'dry-run': { about: 'show what it needs and would start, and what is missing; start nothing' },
    ...publishedFlag,
    run: { value: 'NAME', about: 'name of the new run; default: the preset and the time' },
    ...serveFlags,
  },
  detail:
    `Presets: ${presetNames().join(', ')} (default micro). Ctrl-C stops; \`azr resume RUN\` ` +
    'continues.\n--dry-run exits with 0 if the run would start here, else with 1.',
}

function defaultName(preset: string, taken: readonly string[]): string {
  const stem = basename(preset)
    .replace(/\.ya?ml$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]/g, '-')
  const name = `${stem}-${stamp()}`.replace(/^[^a-z0-9]+/, '')
  let found = name
  for (let n = 2; taken.includes(found); n++) found = `${name}-${n}`
  return found
}

export async function run(args: Args): Promise<number> {
  const preset = args.positions[0] ?? 'micro'
  const config = loadConfig(preset, args.overrides)
  const home = homeOf(args)
  if (args.flags.has('dry-run')) return dryRun(preset, config, home)
  const { model, notes, suites, plugins, kinds, asking } = await checkWorld(config, home)
  for (const note of notes) process.stderr.write(`azr: ${note}\n`)
  const ofCorpus = await corpusPrograms(config, kinds)
  const name = args.flags.get('run') ?? defaultName(preset, runNames(home))
  const row = {
    name,
    preset: basename(preset),
    seed: config.seed,
    config,
    versions: await versionsOf(config, model),
    plugins: pluginRows(plugins),
    kinds: shownOf(kinds),
    lineage: null,
    created_at_ms: Date.now(),
  }
  const opened = await openRun(home, name, row, {
    suite_items: itemRows(config, { suites, dialect: asking }),
    ...ofCorpus,
  })
  return selfPlay({ run: opened, name, config, args, begun: 'started' })
}
