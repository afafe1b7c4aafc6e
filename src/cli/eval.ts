import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import { builtInNames } from '../../domain/kinds/index.ts'
import { type Template, templateSources } from '../../domain/prompts/template.ts'
import { camel } from '../../lib/camel.ts'
import { percent, stamp } from '../../lib/formats.ts'
import { jsonText } from '../../lib/terminal.ts'
import { openRun, readRun, runNames } from '../../state/open.ts'
import { benchmarks } from '../benchmarks/index.ts'
import type { OwnBenchmark } from '../benchmarks/own.ts'
import { itemRows } from '../benchmarks/suites.ts'
import type { Config } from '../config/config.ts'
import { alteredConfig, differingKnob } from '../config/load.ts'
import { checkSameModel } from '../config/model.ts'
import { checkSamePlugins, pluginRows } from '../plugins/open.ts'
import { checkWorld, hasChatTemplate } from '../run/check.ts'
import { versionsOf } from '../run/versions.ts'
import { type Args, type CommandSpec, dataOf, homeOf, numberOf } from './args.ts'
import { gradeCompletions } from './eval-completions.ts'
import { type Found, findModel, servedAs } from './eval-model.ts'
import { passesIn, scoreLines, scoreOf } from './scores.ts'
import { selfPlay, serveFlags } from './self-play.ts'

export const spec: CommandSpec = {
  name: 'eval',
  summary: 'Scores a model, or a run at one of its checkpoints, on held-out suites.',
  positions: [],
  takesKnobs: true,
  flags: {
    model: {
      value: 'DIR|RUN[@STEP]',
      about: 'default: models/micro; RUN@best: the best checkpoint',
    },
    suite: { value: 'NAME,…', about: 'suites by name or ./file.ts; or paper, code, math, crux' },
    template: {
      value: 'NAME',
      about: 'azr (default), boxed, chat, plain: how questions are framed',
    },
    preset: { value: 'PRESET|FILE', about: 'how to serve a model that no preset names' },
    mode: { value: 'MODE,…', about: 'greedy (default), sampled, direct, scratch' },
    samples: { value: 'N', about: 'answers to each item in mode sampled (8)' },
    temperature: { value: 'T', about: 'temperature of sampled answers (1)' },
    limit: { value: 'N', about: 'items of each suite and kind; default: all' },
    items: { value: 'N', about: 'the same' },
    completions: {
      value: 'FILE',
      about: 'grade the {"id", "completion"} lines in FILE; needs no model',
    },
    out: { value: 'FILE', about: 'file for their verdicts, as JSON lines; -: standard output' },
    data: { value: 'DIR', about: 'folder of the benchmarks (HOME/data)' },
    since: { value: 'DATE', about: 'LiveCodeBench: contests from this day on, such as 2024-05-01' },
    until: { value: 'DATE', about: 'LiveCodeBench: contests up to this day' },
    run: { value: 'NAME', about: 'name of the evaluation; repeat it to continue' },
    ...serveFlags,
  },
}

/**
 * The suites of a group that are on this machine. Missing ones are reported. A name stands for
 * itself.
 */
function suitesOf(given: string, data: string): string[] {
  const groups = Map.groupBy<string, OwnBenchmark>(benchmarks, ({ group }) => group)
  groups.set(
    'paper',
    benchmarks.filter(({ group }) => group !== 'micro'),
  )
  return given.split(',').flatMap(name => {
    const group = groups.get(name)
    if (!group) return [name]
    const isHere = ({ source }: OwnBenchmark) => existsSync(join(data, source.folder))
    const [found, missing] = [group.filter(isHere), group.filter(one => !isHere(one))]
    for (const one of missing) {
      process.stderr.write(
        `left out: ${one.name} is not in ${data} (\`azr data fetch ${one.name}\`)\n`,
      )
    }
    if (found.length > 0) return found.map(one => one.name)
    throw new UsageError(
      'benchmark-missing',
      `Cannot score ${name}: none of its benchmarks is in ${data}; see \`azr data list\``,
    )
  })
}

function heatOf({ flags }: Args): number {
  const text = flags.get('temperature') ?? '1'
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new UsageError(
    'flag-value',
    `Cannot read --temperature ${text}: it has to be a number above 0`,
  )
}

/** Greedy, unless several answers or a temperature are requested. */
function modesOf({ flags }: Args): string[] {
  const mode = flags.get('mode')
  if (mode) return mode.split(',')
  return flags.has('samples') || flags.has('temperature') ? ['sampled'] : ['greedy']
}

/** A base model has no chat template, so it gets the bare question. */
function templateFor(asked: string | undefined, path: string): string | undefined {
  if (asked !== 'chat' || hasChatTemplate(path)) return asked
  process.stderr.write(`template plain: ${path} has no chat template\n`)
  return 'plain'
}

export function configOf(args: Args, found: Found, given: string): Config {
  const { flags } = args
  const { path } = found
  const suites = flags.get('suite')
  if (!suites)
    throw new UsageError(
      'argument-missing',
      'Cannot score without suites: azr eval --suite micro-easy,micro-hard',
    )
  const set = (knob: string, value: unknown) => ({ path: knob, value: JSON.stringify(value) })
  const items = numberOf(args, 'limit', 1) ?? numberOf(args, 'items', 1) ?? null
  const served = servedAs(args, found, given)
  const template = templateFor(flags.get('template'), path)
  // In the micro dialect answers have the run's lengths, otherwise their benchmark's.
  const most = served.dialect === 'micro' ? served.evaluate.maxTokens : null
  return alteredConfig(served, [
    set('kinds', builtInNames),
    set('seeding.from', null),
    set('propose.corpus', null),
    set('evaluate.maxTokens', most),
    ...(template === undefined ? [] : [set('evaluate.template', template)]),
    set('steps', 0),
    set('seeding.size', 0),
    set('model.path', path),
    set('evaluate.suites', suitesOf(suites, dataOf(args))),
    set('evaluate.data', dataOf(args)),
    set('evaluate.items', items),
    set('evaluate.since', flags.get('since') ?? null),
    set('evaluate.until', flags.get('until') ?? null),
    set('evaluate.modes', modesOf(args)),
    set('evaluate.samples', numberOf(args, 'samples', 1) ?? 8),
    set('evaluate.temperature', heatOf(args)),
    set('evaluate.between.suites', []),
    ...args.overrides,
  ])
}

const scoresOf = (home: string, name: string) =>
  readRun(home, name, reader => {
    const rows = reader.evaluations()
    const items = rows.length > 0 ? reader.evaluationItems(0) : []
    const template = templateOf(reader.run()?.config)
    return rows.map(row => ({ ...scoreOf(row), template, passAtK: passesIn(row, items) }))
  })

/** The frame of the questions. The embedded model's dialect has only one. */
function templateOf(config: unknown): Template | 'micro' {
  const { dialect, evaluate } = config as Pick<Config, 'dialect' | 'evaluate'>
  return dialect === 'micro' ? 'micro' : evaluate.template
}

function show(home: string, name: string): void {
  const found = scoresOf(home, name)
  const passes = found.flatMap(({ suite, kind, passAtK }) => {
    const parts = Object.entries(passAtK).map(([k, share]) => `${k} ${percent(share, 1)}`)
    return parts.length > 0 ? [`  ${suite} ${kind}, unbiased: ${parts.join('  ')}`] : []
  })
  const [template] = found.map(one => one.template)
  const source = template && template !== 'micro' ? `, ${templateSources[template]}` : ''
  const asked = template ? [`  template ${template}${source}`] : []
  for (const line of [...asked, ...scoreLines(found), ...passes]) {
    process.stderr.write(`${line}\n`)
  }
}

/** A finished evaluation is shown, not repeated. */
function showFinished(home: string, name: string, isJson: boolean): number {
  process.stderr.write(`evaluation ${name} is done: \`azr status ${name}\`\n`)
  show(home, name)
  const evaluations = camel(scoresOf(home, name))
  const found = { id: name, ended: 'finished', evaluations }
  if (isJson) process.stdout.write(`${jsonText(found)}\n`)
  return 0
}

export async function run(args: Args): Promise<number> {
  const { flags } = args
  if (flags.has('completions')) return gradeCompletions(args)
  if (flags.has('out'))
    throw new UsageError('flag-misplaced', 'Cannot use --out without --completions')
  const home = homeOf(args)
  const given = flags.get('model') ?? 'models/micro'
  const found = findModel(home, given)
  const { lineage } = found
  const config = configOf(args, found, given)
  const { model, suites, plugins, asking } = await checkWorld(config, home)
  const name = flags.get('run') ?? `eval-${stamp()}`
  const isKnown = runNames(home).includes(name)
  if (isKnown) {
    const state = readRun(home, name, reader => ({ run: reader.run(), step: reader.lastStep() }))
    const other = differingKnob(state.run?.config, config)
    if (other) {
      throw new UsageError(
        'evaluation-changed',
        `Cannot continue evaluation ${name} as it was begun with another ${other}: choose ` +
          'another --run',
      )
    }
    await checkSameModel(name, model, state.run?.versions.model)
    checkSamePlugins('continue', name, state.run?.plugins ?? [], plugins)
    if (state.step !== null) return showFinished(home, name, flags.has('json'))
  }
  const versions = await versionsOf(config, model)
  const row = {
    name,
    preset: 'eval',
    seed: config.seed,
    config,
    versions,
    plugins: pluginRows(plugins),
    lineage,
  }
  const begun = isKnown ? 'resumed' : 'started'
  const create = isKnown ? undefined : { ...row, created_at_ms: Date.now() }
  const opened = await openRun(
    home,
    name,
    create,
    create && { suite_items: itemRows(config, { suites, dialect: asking }) },
  )
  const report = () => ({ evaluations: camel(scoresOf(home, name)) })
  const code = await selfPlay({ run: opened, name, config, args, begun, report })
  if (code === 0) show(home, name)
  return code
}
