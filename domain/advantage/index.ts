/**
 * From rewards to what the learner gets: an advantage and a loss weight for every sequence.
 * Task-Relative REINFORCE++ whitens within each (kind, role) group (paper, equation 8).
 */
import type { Config } from '../../src/config/config.ts'
import type { Rng } from '../rng.ts'
import type { Kind, Role } from '../task.ts'

export type Rewarded = {
  id: string
  kind: Kind
  role: Role
  /** Hash of the task answered; GRPO's group. Proposals have none. */
  task: string | null
  reward: number
  /** Completion tokens. */
  tokens: number
  /** Whether it was cut at its length. */
  isTruncated?: boolean
}

export type Advantage = {
  id: string
  advantage: number
  /** Weight of each completion token of the sequence in the loss of its minibatch. */
  weight: number
  minibatch: number
}

/**
 * Whitens rewards: mean and unbiased variance over tokens (as the published code does) or over
 * sequences (as the paper's text reads); 1e-8 under the root.
 */
export function whiten(
  items: readonly { reward: number; tokens: number }[],
  by: 'token' | 'sequence',
) {
  const weights = items.map(({ tokens }) => (by === 'token' ? tokens : 1))
  const total = weights.reduce((sum, w) => sum + w, 0)
  const mean = items.reduce((sum, { reward }, i) => sum + (weights[i] ?? 0) * reward, 0) / total
  const squares = items.reduce(
    (sum, { reward }, i) => sum + (weights[i] ?? 0) * (reward - mean) ** 2,
    0,
  )
  const variance = total > 1 ? squares / (total - 1) : 0
  return items.map(({ reward }) => (reward - mean) / Math.sqrt(variance + 1e-8))
}

function group<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const name = key(item)
    const members = groups.get(name)
    if (members) members.push(item)
    else groups.set(name, [item])
  }
  return [...groups.values()]
}

/** Rewards minus the mean of all answers to the same task (GRPO without the division). */
function perTask(items: readonly Rewarded[]): Map<string, number> {
  const groups = group(items, item => item.task ?? `${item.kind}/${item.role}`)
  return new Map(
    groups.flatMap(members => {
      const mean = members.reduce((sum, { reward }) => sum + reward, 0) / members.length
      return members.map(({ id, reward }) => [id, reward - mean] as const)
    }),
  )
}

function rawAdvantages(
  items: readonly Rewarded[],
  config: Config['advantage'],
): Map<string, number> {
  if (config.method === 'none') return new Map(items.map(({ id, reward }) => [id, reward]))
  if (config.method === 'grpo') return perTask(items)
  return new Map(
    group(items, ({ kind, role }) => `${kind}/${role}`).flatMap(members => {
      const values = whiten(members, config.weighting)
      return members.map(({ id }, i) => [id, values[i] ?? 0] as const)
    }),
  )
}

/** Whose rewards one baseline is made of: a kind's and role's, or the answers to a task. */
const groupOf =
  ({ method }: Config['advantage']) =>
  ({ kind, role, task }: Rewarded) =>
    (method === 'grpo' && task) || `${kind}/${role}`

/** What is trained on. All of it counts in the baselines. */
function chosen(items: readonly Rewarded[], config: Config['advantage']): readonly Rewarded[] {
  const left = config.truncated === 'mask' ? items.filter(({ isTruncated }) => !isTruncated) : items
  if (config.zeroVariance === 'keep' || config.method === 'none') return left
  const equal = group(items, groupOf(config)).filter(members =>
    members.every(({ reward }) => reward === members[0]?.reward),
  )
  const dropped = new Set(equal.flat().map(({ id }) => id))
  return left.filter(({ id }) => !dropped.has(id))
}

/**
 * Deals items to minibatches at random. Answers to one task stay together: the learner does their
 * prompt once, and each minibatch compares them with one another.
 */
function deal(items: readonly Rewarded[], minibatches: number, rng: Rng): Map<string, number> {
  const dealt = new Map<string, number>()
  for (const members of rng.shuffle(
    group(items, ({ id, kind, task }) => `${kind}/${task ?? id}`),
  )) {
    const minibatch = Math.floor((dealt.size * minibatches) / items.length)
    for (const { id } of members) dealt.set(id, minibatch)
  }
  return dealt
}

/**
 * Advantages, loss weights and minibatches of a step, in the order given. Within a minibatch every
 * (kind, role) group counts the same, whatever its length: a token's weight is the group's weight
 * over the sum of those weights and over the group's tokens.
 */
export function advantages(
  all: readonly Rewarded[],
  config: Config['advantage'],
  minibatches: number,
  rng: Rng,
): Advantage[] {
  const raw = rawAdvantages(all, config)
  const items = chosen(all, config)
  const minibatch = deal(items, minibatches, rng)
  const weights = new Map<string, number>()
  const rows = items.map(item => ({ ...item, minibatch: minibatch.get(item.id) ?? 0 }))
  for (const batch of group(rows, row => String(row.minibatch))) {
    const groups = group(batch, ({ kind, role }) => `${kind}/${role}`)
    const weightOf = (role: Role | undefined) =>
      role === 'proposer' ? config.proposerWeight : config.solverWeight
    const total = groups.reduce((sum, members) => sum + weightOf(members[0]?.role), 0)
    for (const members of groups) {
      const tokens = members.reduce((sum, member) => sum + member.tokens, 0)
      const weight = total > 0 && tokens > 0 ? weightOf(members[0]?.role) / total / tokens : 0
      for (const { id } of members) weights.set(id, weight)
    }
  }
  return rows.map(row => ({
    id: row.id,
    advantage: raw.get(row.id) ?? 0,
    weight: weights.get(row.id) ?? 0,
    minibatch: row.minibatch,
  }))
}
