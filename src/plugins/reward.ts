/** Loads a user's reward (`reward.custom`), checks its form, and calls it. */
import { inspect } from 'node:util'
import { PluginFailed } from '../../domain/errors.ts'
import type { Reward, RewardedAnswer, RewardedProposal } from '../../domain/reward-plugin.ts'
import { shown } from '../config/plugin-path.ts'
import { guarded } from './blame.ts'
import { loadPlugin } from './load.ts'
import type { Plugin } from './plugin.ts'

function checkReward(value: unknown): Reward {
  const { answer, proposal } = value as Record<string, unknown>
  if (answer === undefined && proposal === undefined) {
    throw new Error('its default export has no function answer or proposal')
  }
  for (const [name, one] of Object.entries({ answer, proposal })) {
    if (one === undefined || typeof one === 'function') continue
    throw new Error(`its default export has a field ${name} that is not a function`)
  }
  return value as Reward
}

export const loadReward = (path: string) => loadPlugin(path, 'reward', checkReward)

/**
 * The reward that it returns. Throws PluginFailed if it throws, or returns anything but a finite
 * number.
 */
export function pay(plugin: Plugin<Reward>, what: RewardedAnswer | RewardedProposal): number {
  const { value, path } = plugin
  const ask = guarded(plugin, (): unknown => {
    if (what.role === 'solver') return value.answer ? value.answer(what) : what.reward
    return value.proposal ? value.proposal(what) : what.reward
  })
  const paid = ask()
  if (typeof paid === 'number' && Number.isFinite(paid)) return paid
  // Catch it: its rejection would end the process with another message.
  if (paid instanceof Promise) paid.catch(() => {})
  throw new PluginFailed(
    'plugin-failed',
    `Cannot continue as reward ${shown(path)} returned ${inspect(paid, { depth: 0 })} for ` +
      `${what.id}: it has to return a finite number`,
  )
}
