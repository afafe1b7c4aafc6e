/** All plug-ins that a config names, loaded, and held against those that a run began with. */
import { UsageError } from '../../domain/errors.ts'
import { type Kinds, kindsOf } from '../../domain/kinds/index.ts'
import type { TaskKind } from '../../domain/kinds/kind.ts'
import type { Reward } from '../../domain/reward-plugin.ts'
import type { PluginRow } from '../../state/schema/run.ts'
import type { Benchmark } from '../benchmarks/benchmark.ts'
import type { Config } from '../config/config.ts'
import { loadBenchmark } from './benchmark.ts'
import { loadKind } from './kind.ts'
import type { Plugin } from './load.ts'
import { isPluginPath, shown } from './path.ts'
import { loadReward } from './reward.ts'

export type Plugins = {
  reward: Plugin<Reward> | null
  kinds: Plugin<TaskKind>[]
  /** By how the config names them. */
  benchmarks: ReadonlyMap<string, Plugin<Benchmark>>
}

async function loadKinds(config: Pick<Config, 'kinds'>): Promise<Plugin<TaskKind>[]> {
  const found: Plugin<TaskKind>[] = []
  for (const path of config.kinds.filter(isPluginPath)) {
    const kind = await loadKind(path)
    const other = found.find(({ name }) => name === kind.name)
    if (other) {
      const both = `${shown(other.path)} and ${shown(kind.path)}`
      throw new UsageError(`Cannot use kinds ${both} together as both are called ${kind.name}`)
    }
    found.push(kind)
  }
  return found
}

async function openBenchmarks({ suites, between }: Config['evaluate']) {
  const named = new Set([...suites, ...between.suites].filter(isPluginPath))
  const loaded = [...named].map(async path => [path, await loadBenchmark(path)] as const)
  return new Map(await Promise.all(loaded))
}

export async function openPlugins({ reward, kinds, evaluate }: Config): Promise<Plugins> {
  return {
    reward: reward.custom === null ? null : await loadReward(reward.custom),
    kinds: await loadKinds({ kinds }),
    benchmarks: await openBenchmarks(evaluate),
  }
}

/** The kinds that a run knows: in play are those that the config names, by name or by file. */
export function kindsIn({ kinds }: Pick<Config, 'kinds'>, plugins: Pick<Plugins, 'kinds'>): Kinds {
  const names = kinds.map(one => plugins.kinds.find(({ path }) => path === one)?.name ?? one)
  return kindsOf(
    names,
    plugins.kinds.map(({ value }) => value),
  )
}

export function pluginRows({ reward, kinds, benchmarks }: Plugins): PluginRow[] {
  return [reward, ...kinds, ...benchmarks.values()].flatMap(plugin => {
    if (!plugin) return []
    const { what, path, name, hash } = plugin
    return [{ what, path, name, hash }]
  })
}

/** UsageError where a file has another content than when the run began. `act`: resume, fork, … */
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
    `Cannot ${act} ${run} as ${shown(changed.path)} has changed since it began: ` +
      `bring the old one back, or ${cure}`,
  )
}
