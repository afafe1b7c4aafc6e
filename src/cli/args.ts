/**
 * Parses command lines: `--flag value` and `--flag=value`, positions, and knobs such as
 * `--solve.batch=8`.
 */
import { join, resolve } from 'node:path'
import { type ParseArgsConfig, parseArgs as parseWords } from 'node:util'
import { UsageError } from '../../domain/errors.ts'
import type { Override } from '../config/load.ts'

export type FlagSpec = {
  /** The placeholder of the value in the help; a switch has none. */
  value?: string
  about: string
}

export type CommandSpec = {
  name: string
  /** One line for `azr --help`. */
  summary: string
  /** The words after the command's name: `RUN`, `[PRESET|FILE]`. */
  positions: string[]
  flags: Record<string, FlagSpec>
  /** Whether `--path.to.knob=value` is accepted. */
  takesKnobs?: boolean
  /** Further text for `azr COMMAND --help`. */
  detail?: string
}

export type Args = {
  positions: string[]
  flags: Map<string, string>
  overrides: Override[]
}

export const commonFlags: Record<string, FlagSpec> = {
  home: { value: 'DIR', about: 'folder of runs (AZR_HOME; default ./runs)' },
  json: { about: 'JSON on standard output, everything else on standard error' },
  help: { about: 'show this help' },
}

const helpAll: FlagSpec = { about: 'show this help with every knob' }

/** The command's own flags and the common ones. */
export const flagsOf = (spec: CommandSpec): Record<string, FlagSpec> =>
  spec.takesKnobs ? { ...commonFlags, 'help-all': helpAll } : commonFlags

/** Loaded only if needed: `azr --help` and `azr setup` run before any package is installed. */
const loadConfigModule = () => import('../config/load.ts')

async function unknownFlag(
  spec: CommandSpec,
  { name, rawName }: Given,
  known: string[],
): Promise<never> {
  const { didYouMean, knobs } = await loadConfigModule()
  const paths = spec.takesKnobs ? knobs().map(({ path }) => path) : []
  throw new UsageError(
    'flag-unknown',
    `Cannot read ${rawName}${didYouMean(name, [...known, ...paths]) || ':'} \`azr ` +
      `${spec.name} --help\` lists the flags`,
  )
}

/** A description of each position, for an error about a missing one, and where to find it. */
const meanings: Record<string, [what: string, hint: string]> = {
  RUN: ['a run', ' (list them with azr runs)'],
  A: ['two evaluations', ' (list them with azr runs)'],
  B: ['a second evaluation', ' (list them with azr runs)'],
  FILE: ['a file', ''],
  ID: ['an id', ' (the page and azr export show ids)'],
}

/** `azr db check needs a run: azr db check RUN (list them with azr runs)`. */
function missingPosition(spec: CommandSpec, given: readonly string[], missing: string): string {
  const [what, hint] = meanings[missing] ?? [`one of ${missing.split('|').join(', ')}`, '']
  const so = ['azr', spec.name, ...given].join(' ')
  const whole = [so, ...spec.positions.slice(given.length).filter(name => !name.startsWith('['))]
  return `${so} needs ${what}: ${whole.join(' ')}${hint}`
}

/** The words that a position accepts; null if it accepts anything (`RUN`, `[PRESET|FILE]`). */
function wordsAt(position: string): string[] | null {
  const words = position.replace(/[[\]]/g, '').split('|')
  return words.every(word => /^[a-z]+$/.test(word)) ? words : null
}

function checkWords(spec: CommandSpec, given: string[]): void {
  for (const [i, position] of spec.positions.entries()) {
    const [words, word] = [wordsAt(position), given[i]]
    if (words === null || word === undefined || words.includes(word)) continue
    const line = ['azr', spec.name, ...spec.positions].join(' ')
    throw new UsageError('word-unexpected', `azr ${spec.name} does not know ${word}: ${line}`)
  }
}

function checkPositions(spec: CommandSpec, given: string[]): void {
  checkWords(spec, given)
  const needed = spec.positions.filter(name => !name.startsWith('['))
  const isOpen = spec.positions.at(-1)?.endsWith('…') ?? false
  const missing = needed[given.length]
  if (missing) {
    throw new UsageError('argument-missing', missingPosition(spec, given, missing))
  }
  const extra = given[spec.positions.length]
  if (extra !== undefined && !isOpen) {
    throw new UsageError(
      'word-unexpected',
      `Cannot read ${extra}: \`azr ${spec.name} --help\` shows what is expected`,
    )
  }
}

/** Letters and dots only: no special name of JavaScript, such as `__proto__`. */
const isPath = (name: string) => /^[a-zA-Z]+(\.[a-zA-Z0-9]+)*$/.test(name)

/** `--set path.to.knob=value`, which may be repeated. */
function readSet(text: string): Override {
  const at = text.indexOf('=')
  if (at < 1 || !isPath(text.slice(0, at))) {
    throw new UsageError(
      'flag-value',
      `Cannot read --set ${text}: it takes a knob, as in --set reward.wrong=0`,
    )
  }
  return { path: text.slice(0, at), value: text.slice(at + 1) }
}

export const setFlag: Record<string, FlagSpec> = {
  set: {
    value: 'KNOB=VALUE',
    about: 'another value for a knob of docs/reference/config.md; repeatable',
  },
}

/** A flag of commands that take a preset. */
export const publishedFlag: Record<string, FlagSpec> = {
  'as-published': {
    about:
      'use the settings of the published scripts wherever docs/explanation/deviations.md lists ' +
      'others',
  },
}

type Options = NonNullable<ParseArgsConfig['options']>
type Given = { name: string; rawName: string; value?: string; inlineValue?: boolean }

/**
 * Flags that look like knobs count as knobs. The config is only loaded if there are any, because a
 * bare clone cannot load it.
 */
async function knobPaths(spec: CommandSpec, words: string[], flags: string[]): Promise<string[]> {
  const asked = words.flatMap(word => /^--([^=]+)/.exec(word)?.[1] ?? [])
  if (!spec.takesKnobs || asked.every(name => flags.includes(name))) return []
  const dotted = asked.filter(name => name.includes('.') && isPath(name))
  return [...(await loadConfigModule()).knobs().map(({ path }) => path), ...dotted]
}

function readFlag(flag: FlagSpec | undefined, { name, value, inlineValue }: Given, args: Args) {
  if (flag && flag.value === undefined) {
    if (inlineValue)
      throw new UsageError('flag-value', `Cannot give --${name} a value: it is a switch`)
    args.flags.set(name, '')
    return
  }
  if (value === undefined)
    throw new UsageError('flag-value', `Cannot read --${name} without a value`)
  if (name === 'set') args.overrides.push(readSet(value))
  else if (flag) args.flags.set(name, value)
  else args.overrides.push({ path: name, value })
}

export async function parseArgs(spec: CommandSpec, words: string[]): Promise<Args> {
  const known: Record<string, FlagSpec> = { ...flagsOf(spec), ...spec.flags }
  const options: Options = {}
  for (const path of await knobPaths(spec, words, Object.keys(known)))
    options[path] = { type: 'string' }
  for (const [name, { value }] of Object.entries(known)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string' }
  }
  options.help = { type: 'boolean', short: 'h' }
  const { tokens } = parseWords({
    args: words,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const args: Args = { positions: [], flags: new Map(), overrides: [] }
  for (const token of tokens) {
    if (token.kind === 'positional') args.positions.push(token.value)
    if (token.kind !== 'option') continue
    if (!Object.hasOwn(options, token.name)) await unknownFlag(spec, token, Object.keys(known))
    readFlag(Object.hasOwn(known, token.name) ? known[token.name] : undefined, token, args)
  }
  if (!isHelp(args)) checkPositions(spec, args.positions)
  if (args.flags.has('as-published')) {
    const { asPublished } = await import('../config/published.ts')
    args.overrides.unshift(...asPublished)
  }
  return args
}

export const isHelp = ({ flags }: Args): boolean => flags.has('help') || flags.has('help-all')

export function homeOf({ flags }: Args): string {
  return resolve(flags.get('home') ?? process.env.AZR_HOME ?? 'runs')
}

/** The folder of benchmarks. */
export function dataOf(args: Args): string {
  return resolve(args.flags.get('data') ?? join(homeOf(args), 'data'))
}

export function numberOf({ flags }: Args, name: string, least = 0): number | undefined {
  const text = flags.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) {
    throw new UsageError(
      'flag-value',
      `Cannot read --${name} ${text}: it has to be a whole number from ${least}`,
    )
  }
  return value
}
