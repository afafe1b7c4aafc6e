/** Command lines: `--flag value` and `--flag=value`, positions, and knobs such as `--solve.batch=8`. */
import { join, resolve } from 'node:path'
import { UsageError } from '../../domain/errors.ts'
import type { Override } from '../config/load.ts'

export type FlagSpec = {
  /** Shown in the help in place of the value; none: a switch. */
  value?: string
  about: string
}

export type CommandSpec = {
  name: string
  /** One line for `azr --help`. */
  summary: string
  /** What stands after the name: `RUN`, `[PRESET|FILE]`. */
  positions: string[]
  flags: Record<string, FlagSpec>
  /** Whether `--path.to.knob=value` is understood. */
  takesKnobs?: boolean
  /** More for `azr COMMAND --help`. */
  detail?: string
}

export type Args = {
  positions: string[]
  flags: Map<string, string>
  overrides: Override[]
}

export const commonFlags: Record<string, FlagSpec> = {
  home: { value: 'DIR', about: 'where runs lie (AZR_HOME; default ./runs)' },
  json: { about: 'JSON on standard output, everything else on standard error' },
  help: { about: 'this text' },
}

/** Loaded when needed: `azr --help` and `azr setup` run before any package is installed. */
const loadConfigModule = () => import('../config/load.ts')

async function unknownFlag(spec: CommandSpec, name: string, known: string[]): Promise<never> {
  const { didYouMean, knobs } = await loadConfigModule()
  const paths = spec.takesKnobs ? knobs().map(({ path }) => path) : []
  throw new UsageError(
    `Cannot read --${name}${didYouMean(name, [...known, ...paths]) || ':'} ` +
      `\`azr ${spec.name} --help\` lists what there is`,
  )
}

function checkPositions(spec: CommandSpec, given: string[]): void {
  const needed = spec.positions.filter(name => !name.startsWith('['))
  const isOpen = spec.positions.at(-1)?.endsWith('…') ?? false
  const missing = needed[given.length]
  if (missing) {
    throw new UsageError(`Cannot ${spec.name} without ${missing}: azr ${spec.name} ${missing}`)
  }
  const extra = given[spec.positions.length]
  if (extra !== undefined && !isOpen) {
    throw new UsageError(`Cannot read ${extra}: \`azr ${spec.name} --help\` says what is expected`)
  }
}

/** `--set path.to.knob=value`, which may be given several times. */
function readSet(text: string): Override {
  const at = text.indexOf('=')
  if (at < 1) {
    throw new UsageError(`Cannot read --set ${text}: it takes a knob, as in --set reward.wrong=0`)
  }
  return { path: text.slice(0, at), value: text.slice(at + 1) }
}

export const setFlag: Record<string, FlagSpec> = {
  set: { value: 'KNOB=VALUE', about: 'another value of a knob of docs/config.md; may be repeated' },
}

export async function parseArgs(spec: CommandSpec, words: string[]): Promise<Args> {
  const known: Record<string, FlagSpec> = { ...commonFlags, ...spec.flags }
  const knobs = spec.takesKnobs ? (await loadConfigModule()).knobs() : []
  const paths = new Set(knobs.map(({ path }) => path))
  const args: Args = { positions: [], flags: new Map(), overrides: [] }
  const rest = words.slice()
  while (rest.length > 0) {
    const word = rest.shift() as string
    if (word === '-h') args.flags.set('help', '')
    else if (!word.startsWith('--')) args.positions.push(word)
    else {
      const [name = '', ...parts] = word.slice(2).split('=')
      const flag = Object.hasOwn(known, name) ? known[name] : undefined
      const isKnob =
        flag === undefined && (paths.has(name) || (spec.takesKnobs && name.includes('.')))
      if (flag === undefined && !isKnob) await unknownFlag(spec, name, Object.keys(known))
      let value = parts.length > 0 ? parts.join('=') : undefined
      if (flag && flag.value === undefined) {
        if (value !== undefined)
          throw new UsageError(`Cannot give --${name} a value: it is a switch`)
        args.flags.set(name, '')
        continue
      }
      value ??= rest.shift()
      if (value === undefined) throw new UsageError(`Cannot read --${name} without a value`)
      if (name === 'set') args.overrides.push(readSet(value))
      else if (isKnob) args.overrides.push({ path: name, value })
      else args.flags.set(name, value)
    }
  }
  if (!args.flags.has('help')) checkPositions(spec, args.positions)
  return args
}

export function homeOf({ flags }: Args): string {
  return flags.get('home') ?? process.env.AZR_HOME ?? 'runs'
}

/** Where data sets lie. */
export function dataOf(args: Args): string {
  return resolve(args.flags.get('data') ?? join(homeOf(args), 'data'))
}

export function numberOf({ flags }: Args, name: string, least = 0): number | undefined {
  const text = flags.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!Number.isInteger(value) || value < least) {
    throw new UsageError(`Cannot read --${name} ${text}: it has to be a whole number from ${least}`)
  }
  return value
}

export function helpOf(spec: CommandSpec): string {
  const flags = Object.entries({ ...spec.flags, ...commonFlags }).map(
    ([name, { value, about }]) => {
      return `  ${`--${name}${value ? ` ${value}` : ''}`.padEnd(26)} ${about}`
    },
  )
  const knobLine = spec.takesKnobs
    ? [`  ${'--path.to.knob=VALUE'.padEnd(26)} any knob of docs/config.md`]
    : []
  return [
    `azr ${[spec.name, ...spec.positions].join(' ')}`,
    '',
    spec.summary,
    ...(spec.detail ? ['', spec.detail] : []),
    '',
    ...knobLine,
    ...flags,
    '',
  ].join('\n')
}
