/** Loads all plug-ins that a config names, and compares them with those that a run began with. */
import { UsageError } from '../../domain/errors.ts'
import { type Kinds, kindsOf } from '../../domain/kinds/index.ts'
import type { TaskKind } from '../../domain/kinds/kind.ts'
import type { Reward } from '../../domain/reward-plugin.ts'
import type { PluginRow } from '../../state/schema/run.ts'
import type { Benchmark } from '../benchmarks/benchmark.ts'
import type { Config } from '../config/config.ts'
import { isPluginPath, shown } from '../config/plugin-path.ts'
import { loadBenchmark } from './benchmark.ts'
import { loadKind } from './kind.ts'
import type { Plugin } from './plugin.ts'
import { loadReward } from './reward.ts'

/** The keys of the maps are the names in the config. */
export type Plugins = {
  reward: Plugin<Reward> | null
  kinds: ReadonlyMap<string, Plugin<TaskKind>>
  benchmarks: ReadonlyMap<string, Plugin<Benchmark>>
}

async function openAll<T>(named: readonly string[], load: (path: string) => Promise<Plugin<T>>) {
  const paths = [...new Set(named.filter(isPluginPath))]
  return new Map(await Promise.all(paths.map(async path => [path, await load(path)] as const)))
}

export async function openPlugins({ reward, kinds, evaluate }: Config): Promise<Plugins> {
  const { suites, between } = evaluate
  return {
    reward: reward.custom === null ? null : await loadReward(reward.custom),
    kinds: await openAll(kinds, loadKind),
    benchmarks: await openAll([...suites, ...between.suites], loadBenchmark),
  }
}

/** The kinds that a run knows. The config's `kinds` are in play, by name or by file. */
export function kindsIn({ kinds }: Pick<Config, 'kinds'>, plugins: Pick<Plugins, 'kinds'>): Kinds {
  const found = [...plugins.kinds.values()]
  const [one, other] = found.filter(({ name }, i) =>
    found.some((b, j) => i !== j && b.name === name),
  )
  if (one && other) {
    const both = `${shown(one.path)} and ${shown(other.path)}`
    throw new UsageError(
      'name-taken-twice',
      `Cannot use kinds ${both} together as both are called ${one.name}`,
    )
  }
  const played = kinds.map(named => plugins.kinds.get(named)?.name ?? named)
  return kindsOf(
    played,
    found.map(({ value }) => value),
  )
}

export function pluginRows({ reward, kinds, benchmarks }: Plugins): PluginRow[] {
  return [reward, ...kinds.values(), ...benchmarks.values()].flatMap(plugin => {
    if (!plugin) return []
    const { what, path, name, hash } = plugin
    return [{ what, path, name, hash }]
  })
}

/** Throws UsageError if a file has changed since the run began. `act` is resume, fork, … */
export function checkSamePlugins(
  act: string,
  run: string,
  began: readonly PluginRow[],
  plugins: Plugins,
): void {
  const changed = pluginRows(plugins).find(({ path, hash }) =>
    began.some(before => before.path === path && before.hash !== hash),
  )
  if (!changed) return
  const cure = act === 'fork' ? 'name another file with --set' : 'begin a new run with it'
  throw new UsageError(
    'plugin-changed',
    `Cannot ${act} ${run} as ${shown(changed.path)} has changed since it began: restore the ` +
      `old file, or ${cure}`,
  )
}
