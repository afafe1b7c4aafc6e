import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { openRun, readRun, runNames } from '../../state/open.ts'
import { loadConfig, resumeConfig } from '../config-load.ts'
import { UsageError } from '../errors.ts'
import { checkWorld } from '../main.ts'
import { locate, version } from '../paths.ts'
import { type Args, type CommandSpec, homeOf } from './args.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'eval',
  summary: 'Scores a model, or a run at one of its checkpoints, on held-out suites.',
  positions: [],
  takesKnobs: true,
  flags: {
    model: { value: 'DIR|RUN[@STEP]', about: 'default: models/micro' },
    suite: { value: 'NAME,…', about: 'suites, by name' },
    mode: { value: 'greedy,sampled', about: 'how answers are drawn (greedy)' },
    items: { value: 'N', about: 'items of each suite and kind; default: all' },
    run: { value: 'NAME', about: 'name of the evaluation; repeated, it goes on' },
    ...serveFlags,
  },
}

type Found = { path: string; lineage: unknown }

/** The model's folder: given as such, or the checkpoint of a run. */
function findModel(home: string, given: string): Found {
  const folder = locate(given)
  if (existsSync(join(folder, 'config.json'))) return { path: folder, lineage: { model: given } }
  const [name = '', step] = given.split('@')
  if (!runNames(home).includes(name)) {
    throw new UsageError(`Cannot find model ${given}: it is neither a folder nor a run in ${home}`)
  }
  const rows = readRun(home, name, reader => reader.checkpoints())
  const kept = rows.filter(({ path }) => existsSync(join(home, name, path)))
  const found = step === undefined ? kept.at(-1) : kept.find(row => row.step === Number(step))
  if (found) {
    return { path: join(home, name, found.path), lineage: { run: name, step: found.step } }
  }
  const steps = kept.map(row => row.step).join(', ') || 'none'
  throw new UsageError(
    `Cannot find step ${step ?? ''} of run ${name}: checkpoints are kept of ${steps}`,
  )
}

export async function run(args: Args): Promise<number> {
  const { flags } = args
  const home = resolve(homeOf(args))
  const suites = flags.get('suite')
  if (!suites)
    throw new UsageError('Cannot score without suites: azr eval --suite micro-easy,micro-hard')
  const { path, lineage } = findModel(home, flags.get('model') ?? 'models/micro')
  const set = (knob: string, value: unknown) => ({ path: knob, value: JSON.stringify(value) })
  const config = loadConfig('micro', [
    set('steps', 0),
    set('seeding.size', 0),
    set('model.path', path),
    set('evaluate.suites', suites.split(',')),
    set('evaluate.items', flags.has('items') ? Number(flags.get('items')) : null),
    set('evaluate.modes', (flags.get('mode') ?? 'greedy').split(',')),
    ...args.overrides,
  ])
  checkWorld(config)
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const name = flags.get('run') ?? `eval-${time}`
  const isKnown = runNames(home).includes(name)
  if (isKnown) {
    const state = readRun(home, name, reader => ({ run: reader.run(), step: reader.lastStep() }))
    resumeConfig(state.run?.config, [])
    if (state.step !== null) {
      process.stderr.write(`evaluation ${name} is done: \`azr status ${name}\`\n`)
      return 0
    }
  }
  const opened = await openRun(
    home,
    name,
    isKnown
      ? undefined
      : {
          name,
          preset: basename('eval'),
          seed: config.seed,
          config,
          versions: { azr: version, node: process.version },
          lineage,
          created_at_ms: Date.now(),
        },
  )
  return selfPlay({ run: opened, name, config, args, begun: isKnown ? 'resumed' : 'started' })
}
