/** docs/reference/config.md: every knob with its type, unit, default, example and reason. */
import { z } from 'zod'
import { loadConfig, presetNames, type ShownKnob, shownKnobs } from '../../src/config/load.ts'
import { code, made, prose, table } from './markdown.ts'

/** A description of each section. Knobs of the first have no dot. */
const sections: Record<string, string> = {
  run: 'The run as a whole.',
  reading: 'How texts of the dialect `r1` are read.',
  model: 'The model that is trained.',
  engine: 'The engine samples completions ([the engine](../explanation/engine.md)).',
  trainer: 'The learner updates the weights ([the wire](wire.md)).',
  sandbox: 'The sandbox runs programs ([the sandbox](../explanation/sandbox.md)).',
  seeding: 'Step 0 fills the buffers with tasks before the first update.',
  propose: 'The proposer invents tasks.',
  estimate: 'Answers to each new task say how difficult it is.',
  solve: 'The solver answers the tasks that the update trains on.',
  task: 'Which proposals are accepted as tasks.',
  reward: 'What proposals and answers earn ([rewards](../explanation/rewards.md)).',
  advantage: 'How rewards become advantages ([TRR++](../explanation/rewards.md)).',
  buffer: 'The tasks that later steps can draw.',
  evaluate: 'Held-out suites ([how learning is measured](../explanation/learning.md)).',
  checkpoint: 'Which weights are kept ([resume](../how-to/resume.md)).',
  parity: 'The check that engine and learner agree ([parity](../explanation/parity.md)).',
  health: 'Alarms, and what a run does at one ([health](health.md)).',
  deadlines: 'How long the run waits before it restarts or stops something.',
}

const sectionOf = (path: string) => (path.includes('.') ? (path.split('.')[0] as string) : 'run')

const units: [RegExp, string][] = [
  [/Seconds$/, 'seconds'],
  [/Ms$/, 'milliseconds'],
  [/Mb$/, 'MiB'],
  [/Bytes$/, 'bytes'],
  [/Chars$/, 'characters'],
  [/(Tokens|maxLength)$/, 'tokens'],
]

type Json = {
  type?: string | string[]
  enum?: string[]
  anyOf?: Json[]
  items?: Json
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
}

function boundsOf({ minimum, maximum, exclusiveMinimum }: Json): string {
  const isBound = (value?: number) => value !== undefined && Math.abs(value) < 2 ** 52
  const least = isBound(minimum) ? `≥ ${minimum}` : ''
  const above = isBound(exclusiveMinimum) ? `> ${exclusiveMinimum}` : ''
  const most = isBound(maximum) ? `≤ ${maximum}` : ''
  return [least, above, most].filter(Boolean).join(', ')
}

function typeOf(schema: Json): string {
  const { type, enum: words, anyOf, items } = schema
  if (words) return words.map(code).join(' ')
  if (anyOf) return anyOf.map(typeOf).join(' or ')
  if (type === 'array') return `list of ${items ? typeOf(items) : 'values'}`
  const name = (Array.isArray(type) ? type : [type ?? 'value']).join(' or ')
  return [name, boundsOf(schema)].filter(Boolean).join(' ')
}

/** The value as a shell takes it after `=`, without quotes if YAML needs none. */
function flagValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(',')}]`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Examples for knobs that no preset sets, and whose type says too little. */
const examples: Record<string, unknown> = {
  seed: 7,
  kinds: ['deduction', 'abduction'],
  'engine.kvCacheMb': 4096,
  'engine.memoryShare': 0.4,
  'engine.urls': ['http://127.0.0.1:8000'],
  'trainer.meet': 'box0:29500',
  'seeding.references': 6,
  'seeding.from': './seeds.jsonl',
  'propose.corpus': './src',
  'reward.custom': './my/reward.ts',
  'reading.think': 'thought',
  'evaluate.data': './data',
  'evaluate.since': '2024-05-01',
  'evaluate.until': '2025-01-01',
  'evaluate.modes': ['greedy', 'sampled'],
  'checkpoint.best': 'micro-hard-dev',
}

const valueAt = (tree: unknown, path: string) =>
  path.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)?.[part], tree)
const presets = presetNames().map(name => loadConfig(name))

/** A value other than the default: a preset's, or the next of a few, or else the default. */
function exampleOf({ path, schema, default: usual }: ShownKnob): unknown {
  const isOther = (value: unknown) => JSON.stringify(value) !== JSON.stringify(usual)
  if (path in examples) return examples[path]
  const ofPreset = presets.map(preset => valueAt(preset, path)).find(isOther)
  if (ofPreset !== undefined) return ofPreset
  if (typeof usual === 'boolean') return !usual
  const { enum: words } = z.toJSONSchema(schema, { io: 'input' })
  return words?.find(isOther) ?? usual
}

function row(knob: ShownKnob): string[] {
  const { path, schema, default: usual, why, isOperational } = knob
  const example = exampleOf(knob)
  schema.parse(example)
  const unit = units.find(([pattern]) => pattern.test(path))?.[1]
  const type = typeOf(z.toJSONSchema(schema, { io: 'input' }) as Json)
  const shown = JSON.stringify(usual)
  const flag = `--${path}=${flagValue(example)}`
  const isShown = flag.length <= 60 && (typeof example !== 'object' || Array.isArray(example))
  const value = [
    unit ? `${type}, ${unit}` : type,
    `default ${shown.length > 60 ? 'a list' : code(shown)}`,
    ...(isShown ? [`e.g. ${code(flag)}`] : []),
  ]
  return [`${code(path)}${isOperational ? ' †' : ''}`, prose(why), value.join('<br>')]
}

export function configPage(): string {
  const groups = Map.groupBy(shownKnobs(), ({ path }) => sectionOf(path))
  const unknown = [...groups.keys()].filter(name => !(name in sections))
  if (unknown.length > 0) throw new Error(`Cannot describe section ${unknown}: add it here`)
  const tables = Object.entries(sections).flatMap(([name, about]) => [
    `## ${name}`,
    '',
    about,
    '',
    ...table(['knob', 'meaning', 'value'], (groups.get(name) ?? []).map(row)),
  ])
  return [
    made,
    '# Config',
    '',
    'This page lists every knob of a run, by section. A [preset](presets.md) or your own YAML ' +
      'file sets',
    'some of them, and a flag `--path.to.knob=value` sets one. azr refuses a knob that it ' +
      'does not',
    'know, and stores the whole config with the run.',
    '',
    'A knob with † may change when you resume a run. In addition, `steps` and ' +
      '`engine.maxLength` may',
    'grow. Examples are flags of `azr train`; they mostly show the value of a',
    'preset that differs from the default.',
    '',
    ...tables,
  ].join('\n')
}
