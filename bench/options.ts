/** Reads the command line of a benchmark: `--help`, and a clear error in one line. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

type Option = {
  /** The placeholder of the value in the help; a switch has none. */
  value?: string
  about: string
  default?: string
}

export type Spec = {
  /** The command: `npm run bench:store --`. */
  command: string
  about: string
  /** Values without a flag, in order. One without a default is required. */
  positions?: Record<string, Option>
  flags?: Record<string, Option>
}

export type Options = Record<string, string | undefined>

class Refused extends Error {}

const lineOf = (name: string, { about, default: preset }: Option) =>
  `  ${name.padEnd(20)} ${about}${preset === undefined ? '' : ` (${preset})`}`

export function helpOf({ command, about, positions = {}, flags = {} }: Spec): string {
  const names = Object.entries(positions).map(([name, option]) => {
    return option.default === undefined ? name : `[${name}]`
  })
  const own = Object.entries(flags).map(([name, option]) =>
    lineOf(option.value ? `--${name} ${option.value}` : `--${name}`, option),
  )
  const all = [
    ...Object.entries(positions).map(([name, option]) => lineOf(name, option)),
    ...own,
    lineOf('--help', { about: 'this text' }),
  ]
  return `${[command, ...names, '[flags]'].join(' ')}\n\n${about}\n\n${all.join('\n')}\n`
}

/**
 * Joins `--with '--a=1'` to `--with=--a=1` for options whose values are flags: parseArgs takes no
 * separate value that begins like one.
 */
function joinFlags(words: readonly string[], flags: Spec['flags'] = {}): string[] {
  const takesFlags = (word = '') =>
    word.startsWith('--') && flags[word.slice(2)]?.value?.startsWith("'--") === true
  const isValue = (i: number) => takesFlags(words[i - 1]) && words[i]?.startsWith('--') === true
  return words.flatMap((word, i) => {
    if (isValue(i)) return []
    return isValue(i + 1) ? [`${word}=${words[i + 1]}`] : [word]
  })
}

function split(spec: Spec, words: string[]) {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean' } }
  for (const [name, { value }] of Object.entries(spec.flags ?? {})) {
    options[name] = { type: value ? 'string' : 'boolean' }
  }
  try {
    const { values, positionals } = parseArgs({
      args: joinFlags(words, spec.flags),
      options,
      allowPositionals: true,
    })
    return { values: values as Record<string, unknown>, positionals }
  } catch (error) {
    const [why = ''] = (error as Error).message.split(/\. |\n/)
    throw new Refused(`Cannot read the command line: ${why}`)
  }
}

/** Null if only the help was requested. Throws a `Refused` of one line. */
export function parseOptions(spec: Spec, words: string[]): Options | null {
  const { values, positionals } = split(spec, words)
  if (values.help) return null
  const names = Object.entries(spec.positions ?? {})
  if (positionals.length > names.length) {
    throw new Refused(
      `Cannot read ${JSON.stringify(positionals[names.length])}: no further value is expected`,
    )
  }
  const found: Options = {}
  for (const [name, option] of Object.entries(spec.flags ?? {})) {
    const value = values[name] ?? option.default
    found[name] = value === undefined ? undefined : String(value)
  }
  names.forEach(([name, option], i) => {
    found[name] = positionals[i] ?? option.default
    if (found[name] === undefined)
      throw new Refused(`Cannot begin without ${name}: ${option.about}`)
  })
  return found
}

function refuse({ command }: { command: string }, message: string): never {
  process.stderr.write(`${message} (${command} --help)\n`)
  process.exit(2)
}

/** Prints the help or an error and ends the process, or returns the values. */
export function readOptions(spec: Spec, words = process.argv.slice(2)): Options {
  try {
    const found = parseOptions(spec, words)
    if (found) return found
  } catch (error) {
    if (error instanceof Refused) refuse(spec, error.message)
    throw error
  }
  process.stdout.write(helpOf(spec))
  process.exit(0)
}

/** A whole number among the options. */
export function countOf(spec: Spec, options: Options, name: string, least = 1): number {
  const count = Number(options[name])
  if (options[name] !== '' && Number.isInteger(count) && count >= least) return count
  return refuse(spec, `Cannot read ${name} ${options[name]}: it takes a whole number from ${least}`)
}

/** One of the given choices. */
export function choiceOf(spec: Spec, options: Options, name: string, among: string[]): string {
  const value = options[name] ?? ''
  if (among.includes(value)) return value
  return refuse(spec, `Cannot read ${name} ${value}: it has to be one of ${among.join(', ')}`)
}

/** For a command line that is parsed elsewhere: prints its error in one line, and ends. */
export function orRefuse<Found>(command: string, read: () => Found): Found {
  try {
    return read()
  } catch (error) {
    return refuse({ command }, (error as Error).message.split('\n')[0] as string)
  }
}
