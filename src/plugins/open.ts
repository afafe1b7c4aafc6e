/** All plug-ins that a config names, loaded, and held against those that a run began with. */
import { UsageError } from '../../domain/errors.ts'
import type { Reward } from '../../domain/reward-plugin.ts'
import type { PluginRow } from '../../state/schema/run.ts'
import type { Config } from '../config/config.ts'
import type { Plugin } from './load.ts'
import { shown } from './path.ts'
import { loadReward } from './reward.ts'

export type Plugins = { reward: Plugin<Reward> | null }

export async function openPlugins({ reward }: Config): Promise<Plugins> {
  return { reward: reward.custom === null ? null : await loadReward(reward.custom) }
}

export function pluginRows({ reward }: Plugins): PluginRow[] {
  return [reward].flatMap(plugin => {
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
