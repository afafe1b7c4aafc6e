/** All plug-ins that a config names, loaded, and held against those that a run began with. */
import { UsageError } from '../../domain/errors.ts'
import type { Reward } from '../../domain/reward-plugin.ts'
import type { PluginRow } from '../../state/schema/run.ts'
import type { Benchmark } from '../benchmarks/benchmark.ts'
import type { Config } from '../config/config.ts'
import { loadBenchmark } from './benchmark.ts'
import type { Plugin } from './load.ts'
import { isPluginPath, shown } from './path.ts'
import { loadReward } from './reward.ts'

export type Plugins = {
  reward: Plugin<Reward> | null
  /** By how the config names them. */
  benchmarks: ReadonlyMap<string, Plugin<Benchmark>>
}

async function openBenchmarks({ suites, between }: Config['evaluate']) {
  const named = new Set([...suites, ...between.suites].filter(isPluginPath))
  const loaded = [...named].map(async path => [path, await loadBenchmark(path)] as const)
  return new Map(await Promise.all(loaded))
}

export async function openPlugins({ reward, evaluate }: Config): Promise<Plugins> {
  return {
    reward: reward.custom === null ? null : await loadReward(reward.custom),
    benchmarks: await openBenchmarks(evaluate),
  }
}

export function pluginRows({ reward, benchmarks }: Plugins): PluginRow[] {
  return [reward, ...benchmarks.values()].flatMap(plugin => {
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
