/** Loads a user's benchmark (`evaluate.suites`), and checks what it is and what it returns. */
import { dirname } from 'node:path'
import { inspect } from 'node:util'
import { PluginFailed } from '../../domain/errors.ts'
import { suiteName } from '../../domain/suite-name.ts'
import { isProfile, profileNames } from '../../sandbox/profiles.ts'
import type {
  Benchmark,
  Dialect,
  Grade,
  GradeVerdict,
  Item,
  Place,
  Tools,
} from '../benchmarks/benchmark.ts'
import type { AnyBenchmark } from '../benchmarks/own.ts'
import { shown } from '../config/plugin-path.ts'
import { guarded } from './blame.ts'
import { loadPlugin } from './load.ts'
import type { Plugin } from './plugin.ts'

const isTextOrNone = (value: unknown) => value === undefined || typeof value === 'string'

/** Rows and reports use the file's name, because the config has only that. */
const checkBenchmark = (path: string) => (value: unknown) => {
  const given = value as Record<string, unknown>
  const lacks = ['items', 'prompt', 'grade'].find(name => typeof given[name] !== 'function')
  if (lacks) throw new Error(`its default export has no function ${lacks}`)
  const name = suiteName(path)
  if (given.name !== name) throw new Error(`its name has to be ${name}, the name of its file`)
  if (!/^[\w-]+$/.test(name)) throw new Error('its name may have letters, digits, - and _ only')
  if (!isTextOrNone(given.kind)) throw new Error('its kind has to be the name of a kind')
  const { maxTokens = 1 } = given
  if (!Number.isInteger(maxTokens) || Number(maxTokens) < 1)
    throw new Error('its maxTokens has to be a whole number from 1')
  const profile = given.profile ?? 'standard'
  if (isProfile(String(profile))) return value as Benchmark
  throw new Error(`its profile ${profile} does not exist: there are ${profileNames.join(', ')}`)
}

const verdicts: Record<GradeVerdict, true> = {
  correct: true,
  wrong: true,
  malformed: true,
  ungraded: true,
}

type Loaded = Plugin<Benchmark>

function refuse({ path }: Loaded, given: unknown, wanted: string): never {
  const text = inspect(given, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
  throw new PluginFailed(
    'plugin-failed',
    `Cannot continue as benchmark ${shown(path)} returned ${text.slice(0, 100)}: ${wanted}`,
  )
}

function checkItems(plugin: Loaded, items: unknown): Item[] {
  if (!Array.isArray(items) || items.length === 0) {
    return refuse(plugin, items, 'items has to return a list')
  }
  const ids = new Set<string>()
  for (const item of items) {
    const { id, kind } = Object(item)
    if (typeof id !== 'string' || ids.has(id)) {
      refuse(plugin, item, 'an item has to have an id, a unique text')
    }
    if (!isTextOrNone(kind)) refuse(plugin, item, 'its kind has to be the name of a kind')
    ids.add(id)
  }
  return items
}

function checkGrade(plugin: Loaded, given: unknown): Grade {
  const { verdict, extracted = null, detail = null } = Object(given)
  if (Object.hasOwn(verdicts, verdict)) return { verdict, extracted, detail }
  return refuse(plugin, given, `a verdict is one of ${Object.keys(verdicts).join(', ')}`)
}

/**
 * Errors name the plug-in's file, and its results are checked. An item is identified by its whole
 * content.
 */
function held(plugin: Loaded): AnyBenchmark {
  const { name, about, kind, profile, isInWords, maxTokens } = plugin.value
  const readItems = guarded(plugin, async (place: Place) => plugin.value.items(place))
  const ask = guarded(plugin, (item: Item, dialect: Dialect) => plugin.value.prompt(item, dialect))
  const grade = guarded(plugin, async (item: Item, completion: string, tools: Tools) =>
    plugin.value.grade(item, completion, tools),
  )
  const prompt = (item: Item, dialect: Dialect) => {
    const text: unknown = ask(item, dialect)
    return typeof text === 'string' ? text : refuse(plugin, text, 'prompt has to return a text')
  }
  return {
    name,
    about,
    kind,
    profile,
    isInWords,
    maxTokens,
    async items(place) {
      return checkItems(plugin, await readItems({ ...place, folder: dirname(plugin.path) }))
    },
    prompt,
    async grade(item, completion, tools) {
      return checkGrade(plugin, await grade(item, completion, tools))
    },
    kept(item, dialect) {
      const question = JSON.stringify([prompt(item, dialect), item])
      return { program: '', pairs: [], question }
    },
  }
}

export async function loadBenchmark(path: string): Promise<Plugin<AnyBenchmark>> {
  const plugin = await loadPlugin(path, 'benchmark', checkBenchmark(path))
  return { ...plugin, value: held(plugin) }
}
