/** Reads a preset or a file, and flags, into a parsed config. Each error says how to correct it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { closest, distance } from 'fastest-levenshtein'
import { parse, type YAMLParseError } from 'yaml'
import { z } from 'zod'
import { ConfigError, UsageError } from '../../domain/errors.ts'
import { type Config, configSchema } from './config.ts'
import { operational, pluggable } from './knob.ts'
import { presetFolder } from './paths.ts'
import { anchored } from './plugin-path.ts'

type Tree = { [key: string]: unknown }
export type Override = { path: string; value: string }

const isTree = (value: unknown): value is Tree =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function presetNames(): string[] {
  return readdirSync(presetFolder)
    .filter(name => name.endsWith('.yaml'))
    .map(name => name.slice(0, -'.yaml'.length))
    .sort()
}

/** `, did you mean …?`, if a known word is similar enough. */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0) return ''
  const nearest = closest(word, known)
  return distance(word, nearest) <= Math.max(2, word.length / 2) ? `, did you mean ${nearest}?` : ''
}

function presetPath(name: string): string {
  if (presetNames().includes(name)) return join(presetFolder, `${name}.yaml`)
  if (/[./\\]/.test(name)) {
    if (existsSync(name)) return name
    throw new UsageError('config-missing', `Cannot read config ${name} as there is no such file`)
  }
  const known = presetNames()
  throw new UsageError(
    'preset-unknown',
    `Cannot find preset ${name}${didYouMean(name, known) || ':'} There are ` +
      `${known.join(', ')}; name your own file by its path, such as ./mine.yaml`,
  )
}

function readYaml(path: string): Tree {
  let value: unknown
  try {
    value = parse(readFileSync(path, 'utf8'), { maxAliasCount: 100 })
  } catch (error) {
    const { linePos, message } = error as YAMLParseError
    const where = linePos?.[0] ? `:${linePos[0].line}:${linePos[0].col}` : ''
    const why = message.split('\n')[0]?.replace(/ at line.*$/, '')
    throw new ConfigError('config-unreadable', `Cannot read config ${path}${where}: ${why}`, {
      cause: error,
    })
  }
  if (value === null || value === undefined) return {}
  if (!isTree(value))
    throw new ConfigError(
      'config-unreadable',
      `Cannot read config ${path}: it has to be a mapping of knobs`,
    )
  return value
}

type Shaped = z.ZodObject | undefined
const unwrap = (schema: z.ZodType): Shaped => {
  if (schema instanceof z.ZodObject) return schema
  if (schema instanceof z.ZodPrefault) return unwrap(schema.def.innerType as z.ZodType)
  return undefined
}

export type Knob = { path: string; schema: z.ZodType }

/** Every knob with its dotted path, in the order of the schema. */
export function knobs(schema: z.ZodObject = configSchema, prefix = ''): Knob[] {
  return Object.entries(schema.shape).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    const object = unwrap(inner as z.ZodType)
    return object ? knobs(object, `${path}.`) : [{ path, schema: inner as z.ZodType }]
  })
}

export type ShownKnob = Knob & { default: unknown; why: string; isOperational: boolean }

/** Every knob as people see it. */
export function shownKnobs(): ShownKnob[] {
  const defaults = configSchema.parse({})
  return knobs().map(({ path, schema }) => ({
    path,
    schema,
    default: valueAt(defaults, path),
    why: (schema.description ?? '').replace(/ Operational: .*$/, ''),
    isOperational: operational.has(schema),
  }))
}

function put(tree: Tree, path: string, value: unknown): void {
  const parts = path.split('.')
  const last = parts.pop() as string
  let at = tree
  for (const part of parts) {
    if (!isTree(at[part])) at[part] = {}
    at = at[part] as Tree
  }
  at[last] = value
}

export const valueAt = (tree: unknown, path: string) =>
  path.split('.').reduce((at, part) => (at as Tree | undefined)?.[part], tree)

/** Makes relative paths of plug-ins absolute. */
function anchor(tree: Tree, folder: string): void {
  for (const { path } of knobs().filter(({ schema }) => pluggable.has(schema))) {
    const value = valueAt(tree, path)
    if (value !== undefined) put(tree, path, anchored(value, folder))
  }
}

function readValue({ path, value }: Override): unknown {
  try {
    return parse(value)
  } catch {
    throw new ConfigError(
      'config-unreadable',
      `Cannot read --${path}=${value}: the value is not valid YAML`,
    )
  }
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.join('.')
  if (issue.code !== 'unrecognized_keys') return `${path || 'config'}: ${issue.message}`
  const known = knobs().map(knob => knob.path)
  const wrong = [...issue.path, issue.keys[0]].join('.')
  return `there is no knob ${wrong}${didYouMean(wrong, known)}`
}

export function parseConfig(tree: unknown, source: string): Config {
  const parsed = configSchema.safeParse(tree)
  if (parsed.success) {
    anchor(parsed.data, process.cwd())
    return parsed.data
  }
  const [first, ...others] = parsed.error.issues.map(describeIssue)
  const more = others.length > 0 ? ` (and ${others.length} more)` : ''
  throw new ConfigError(
    'config-invalid',
    `Cannot use ${source}: ${first}${more}; docs/reference/config.md lists every knob`,
  )
}

/** Loads a preset or a YAML file, with `--path.to.knob=value` applied to it. */
export function loadConfig(preset: string, overrides: readonly Override[] = []): Config {
  const path = presetPath(preset)
  const tree = readYaml(path)
  anchor(tree, dirname(resolve(path)))
  for (const override of overrides) put(tree, override.path, readValue(override))
  return parseConfig(tree, overrides.length > 0 ? `${preset} with its flags` : preset)
}

function isOperational(path: string): boolean {
  const knob = knobs().find(found => found.path === path)
  return knob !== undefined && operational.has(knob.schema)
}

/**
 * The config of a resumed run. Only knobs that change no results may differ, or that add room: more
 * steps, or a longer context (texts from the shorter one stay). The model may be in another folder,
 * because the caller compares the hashes.
 */
export function resumeConfig(stored: unknown, overrides: readonly Override[]): Config {
  const before = parseConfig(stored, 'the stored config')
  const tree = structuredClone(before) as unknown as Tree
  for (const override of overrides) {
    const { path } = override
    const value = readValue(override)
    const least = { steps: before.steps, 'engine.maxLength': before.engine.maxLength }[path]
    const isMore = least !== undefined && Number(value) >= least
    const isKnown = knobs().some(knob => knob.path === path)
    const isMoved = path === 'model.path'
    if (isKnown && !isOperational(path) && !isMore && !isMoved) {
      const why = least === undefined ? 'it would change the results' : 'it can only grow'
      throw new UsageError(
        'knob-fixed',
        `Cannot resume with another ${path} as ${why}: begin a new run with it instead`,
      )
    }
    put(tree, path, value)
  }
  return parseConfig(tree, 'the flags')
}

/** A context that was made longer stays longer, because the run has tasks that need it. */
export function withRoom(stored: unknown, longest: number | null): unknown {
  const config = stored as Config | undefined
  if (longest === null || !config) return stored
  return { ...config, engine: { ...config.engine, maxLength: longest } }
}

/** A run that was made longer stays longer. */
export const withSteps = (stored: unknown, steps: number | null): unknown =>
  stored === undefined || steps === null ? stored : { ...(stored as Config), steps }

/** A stored config with other knobs, unless `refuse` gives a reason against one. */
export function alteredConfig(
  stored: unknown,
  overrides: readonly Override[],
  refuse: (path: string) => string | null = () => null,
): Config {
  const tree = structuredClone(parseConfig(stored, 'the stored config')) as unknown as Tree
  for (const override of overrides) {
    const isKnown = knobs().some(({ path }) => path === override.path)
    const why = isKnown ? refuse(override.path) : null
    if (why !== null) throw new UsageError('knob-fixed', why)
    put(tree, override.path, readValue(override))
  }
  return parseConfig(tree, 'what was set')
}

/** The first knob that differs from a stored config, among those that change results. */
export function differingKnob(stored: unknown, config: Config): string | undefined {
  const before = parseConfig(stored, 'the stored config')
  const differs = (path: string) =>
    JSON.stringify(valueAt(before, path)) !== JSON.stringify(valueAt(config, path))
  return knobs()
    .map(({ path }) => path)
    .find(path => !isOperational(path) && differs(path))
}
