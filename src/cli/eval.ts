import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { openRun, readRun, runNames } from '../../state/open.ts'
import type { Config } from '../config.ts'
import { differingKnob, loadConfig } from '../config-load.ts'
import { UsageError } from '../errors.ts'
import { checkWorld } from '../main.ts'
import { locate, version } from '../paths.ts'
import { type Args, type CommandSpec, homeOf, numberOf } from './args.ts'
import { gradeCompletions } from './eval-completions.ts'
import { scoreLines, scoreOf } from './scores.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'eval',
  summary: 'Scores a model, or a run at one of its checkpoints, on held-out suites.',
  positions: [],
  takesKnobs: true,
  flags: {
    model: { value: 'DIR|RUN[@STEP]', about: 'default: models/micro' },
    suite: { value: 'NAME,…', about: 'suites, by name' },
    mode: { value: 'MODE,…', about: 'greedy (default), sampled, direct, scratch' },
    samples: { value: 'N', about: 'answers to each item in mode sampled (8)' },
    items: { value: 'N', about: 'items of each suite and kind; default: all' },
    completions: { value: 'FILE', about: 'grade these {"id", "completion"} lines; needs no model' },
    out: { value: 'FILE', about: 'verdicts on them, as JSON lines; - for standard output' },
    data: { value: 'DIR', about: 'where data sets lie (HOME/data)' },
    since: { value: 'DATE', about: 'LiveCodeBench: contests from this day, as 2024-05-01' },
    until: { value: 'DATE', about: 'LiveCodeBench: contests up to this day' },
    run: { value: 'NAME', about: 'name of the evaluation; repeated, it goes on' },
    ...serveFlags,
  },
}

type Found = { path: string; lineage: unknown }

/** The model's folder: given as such, or the checkpoint of a run; step 0 is what it began with. */
function findModel(home: string, given: string): Found {
  const folder = locate(given)
  if (existsSync(join(folder, 'config.json'))) return { path: folder, lineage: { model: given } }
  const [name = '', step] = given.split('@')
  if (!runNames(home).includes(name)) {
    throw new UsageError(`Cannot find model ${given}: it is neither a folder nor a run in ${home}`)
  }
  const { rows, run } = readRun(home, name, reader => {
    return { rows: reader.checkpoints(), run: reader.run() }
  })
  if (run && step !== undefined && Number(step) === 0) {
    const { model } = run.config as { model: { path: string } }
    return { path: locate(model.path), lineage: { run: name, step: 0 } }
  }
  const kept = rows.filter(({ path }) => existsSync(join(home, name, path)))
  const found = step === undefined ? kept.at(-1) : kept.find(row => row.step === Number(step))
  if (found) {
    return { path: join(home, name, found.path), lineage: { run: name, step: found.step } }
  }
  const steps = [0, ...kept.map(row => row.step)].join(', ')
  throw new UsageError(
    `Cannot find step ${step ?? ''} of run ${name}: checkpoints are kept of ${steps}`,
  )
}

function configOf(args: Args, path: string): Config {
  const { flags } = args
  const suites = flags.get('suite')
  if (!suites)
    throw new UsageError('Cannot score without suites: azr eval --suite micro-easy,micro-hard')
  const set = (knob: string, value: unknown) => ({ path: knob, value: JSON.stringify(value) })
  return loadConfig('micro', [
    set('steps', 0),
    set('seeding.size', 0),
    set('model.path', path),
    set('evaluate.suites', suites.split(',')),
    set('evaluate.items', numberOf(args, 'items', 1) ?? null),
    set('evaluate.modes', (flags.get('mode') ?? 'greedy').split(',')),
    set('evaluate.samples', numberOf(args, 'samples', 1) ?? 8),
    set('evaluate.between.suites', []),
    ...args.overrides,
  ])
}

const scoresOf = (home: string, name: string) =>
  readRun(home, name, reader => reader.evaluations()).map(scoreOf)

function show(home: string, name: string): void {
  for (const line of scoreLines(scoresOf(home, name))) process.stderr.write(`${line}\n`)
}

/** A finished evaluation is not made again: it is shown. */
function showFinished(home: string, name: string, isJson: boolean): number {
  process.stderr.write(`evaluation ${name} is done: \`azr status ${name}\`\n`)
  show(home, name)
  const evaluations = scoresOf(home, name)
  const found = { run: name, ended: 'finished', evaluations }
  if (isJson) process.stdout.write(`${JSON.stringify(found)}\n`)
  return 0
}

export async function run(args: Args): Promise<number> {
  const { flags } = args
  if (flags.has('completions')) return gradeCompletions(args)
  const home = resolve(homeOf(args))
  const { path, lineage } = findModel(home, flags.get('model') ?? 'models/micro')
  const config = configOf(args, path)
  checkWorld(config)
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  const name = flags.get('run') ?? `eval-${time}`
  const isKnown = runNames(home).includes(name)
  if (isKnown) {
    const state = readRun(home, name, reader => ({ run: reader.run(), step: reader.lastStep() }))
    const other = differingKnob(state.run?.config, config)
    if (other) {
      throw new UsageError(
        `Cannot go on with evaluation ${name} as it was begun with another ${other}: choose another --run`,
      )
    }
    if (state.step !== null) return showFinished(home, name, flags.has('json'))
  }
  const versions = { azr: version, node: process.version }
  const row = { name, preset: 'eval', seed: config.seed, config, versions, lineage }
  const begun = isKnown ? 'resumed' : 'started'
  const create = isKnown ? undefined : { ...row, created_at_ms: Date.now() }
  const opened = await openRun(home, name, create)
  const report = () => ({ evaluations: scoresOf(home, name) })
  const code = await selfPlay({ run: opened, name, config, args, begun, report })
  if (code === 0) show(home, name)
  return code
}
