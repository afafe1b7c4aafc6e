/**
 * Turns rewards into an advantage and a loss weight for every sequence. Each algorithm has its own
 * file; this one has the parts that they share.
 */
import type { Rng } from '../rng.ts'
import type { AdvantageSettings } from '../settings.ts'
import type { Role } from '../task.ts'
import { grpo } from './grpo.ts'
import { none } from './none.ts'
import { passAtKTraining } from './pass-at-k.ts'
import { type Algorithm, type Rewarded, taskGroup } from './rewarded.ts'
import { trr, whiten } from './trr.ts'

export type Advantage = {
  id: string
  advantage: number
  /** Weight of each completion token of the sequence in the loss of its minibatch. */
  weight: number
  minibatch: number
  /**
   * Set only if its tokens have different advantages: `[tokens, advantage]` in order, for all
   * tokens.
   */
  spans?: Span[]
}

export type Span = [tokens: number, advantage: number]

const algorithms: Record<AdvantageSettings['method'], Algorithm> = {
  'trr++': trr,
  grpo,
  'pass@k': passAtKTraining,
  none,
}

function rawAdvantages(
  items: readonly Rewarded[],
  settings: AdvantageSettings,
): Map<string, number> {
  const { groupOf, advantagesOf } = algorithms[settings.method]
  const groups = groupOf ? [...Map.groupBy(items, groupOf).values()] : [items]
  return new Map(
    groups.flatMap(members => {
      const values = advantagesOf(members, settings)
      return members.map(({ id }, i) => [id, values[i] ?? 0] as const)
    }),
  )
}

/** The items to train on. Items left out still count in the baselines. */
function chosen(items: readonly Rewarded[], settings: AdvantageSettings): readonly Rewarded[] {
  const isMasked = settings.truncated === 'mask'
  const left = isMasked ? items.filter(({ isTruncated }) => !isTruncated) : items
  const { groupOf } = algorithms[settings.method]
  if (settings.zeroVariance === 'keep' || !groupOf) return left
  const equal = [...Map.groupBy(items, groupOf).values()].filter(members =>
    members.every(({ reward }) => reward === members[0]?.reward),
  )
  const dropped = new Set(equal.flat().map(({ id }) => id))
  return left.filter(({ id }) => !dropped.has(id))
}

/**
 * Deals items to minibatches at random. Answers to one task stay together: the learner computes
 * their prompt once, and each minibatch compares them with one another.
 */
function deal(items: readonly Rewarded[], minibatches: number, rng: Rng): Map<string, number> {
  const dealt = new Map<string, number>()
  const groups = Map.groupBy(items, ({ id, kind, task }) => `${kind}/${task ?? id}`)
  for (const members of rng.shuffle([...groups.values()])) {
    const minibatch = Math.floor((dealt.size * minibatches) / items.length)
    for (const { id } of members) dealt.set(id, minibatch)
  }
  return dealt
}

/**
 * Loss weights of one minibatch, by id. Every (kind, role) group counts the same, whatever its
 * length: a token's weight is the weight of its group, divided by the sum of all groups' weights
 * and by the tokens of its group.
 */
function lossWeights(
  batch: readonly Rewarded[],
  { proposerWeight, solverWeight }: AdvantageSettings,
): [id: string, weight: number][] {
  const groups = [...Map.groupBy(batch, taskGroup).values()]
  const weightOf = (role?: Role) => (role === 'proposer' ? proposerWeight : solverWeight)
  const total = groups.reduce((sum, members) => sum + weightOf(members[0]?.role), 0)
  return groups.flatMap(members => {
    const tokens = members.reduce((sum, member) => sum + member.tokens, 0)
    const weight = total > 0 && tokens > 0 ? weightOf(members[0]?.role) / total / tokens : 0
    return members.map(({ id }): [string, number] => [id, weight])
  })
}

/**
 * Advantages of the statements in the working, by sequence. A true statement counts 1, a false one
 * 0, and both are whitened within their kind and role. All other tokens have the advantage of the
 * whole answer.
 */
function spansOf(
  items: readonly Rewarded[],
  raw: ReadonlyMap<string, number>,
): Map<string, Span[]> {
  const made = new Map<string, Span[]>()
  const worked = items.filter(({ working }) => working !== undefined && working.length > 0)
  for (const members of Map.groupBy(worked, taskGroup).values()) {
    const judged = members
      .flatMap(({ working }) => working ?? [])
      .filter(one => one.isTrue !== null)
    const values = whiten(
      judged.map(({ tokens, isTrue }) => ({ tokens, reward: isTrue ? 1 : 0 })),
      'sequence',
    )
    const earned = new Map(judged.map((one, i) => [one, values[i] as number]))
    for (const { id, tokens, working = [] } of members) {
      const own = raw.get(id) ?? 0
      const rest = tokens - 1 - working.reduce((sum, one) => sum + one.tokens, 0)
      const inner = working.map((one): Span => [one.tokens, earned.get(one) ?? 0])
      made.set(id, [[1, own], ...inner, [rest, own]])
    }
  }
  return made
}

/** Advantages, loss weights and minibatches of a step, in the order of the items. */
export function advantages(
  all: readonly Rewarded[],
  settings: AdvantageSettings,
  minibatches: number,
  rng: Rng,
): Advantage[] {
  const raw = rawAdvantages(all, settings)
  const items = chosen(all, settings)
  const dealt = deal(items, minibatches, rng)
  const minibatchOf = ({ id }: Rewarded) => dealt.get(id) ?? 0
  const batches = [...Map.groupBy(items, minibatchOf).values()]
  const weights = new Map(batches.flatMap(batch => lossWeights(batch, settings)))
  const spans = spansOf(items, raw)
  return items.map(item => {
    const mine = spans.get(item.id)
    return {
      id: item.id,
      advantage: raw.get(item.id) ?? 0,
      weight: weights.get(item.id) ?? 0,
      minibatch: minibatchOf(item),
      ...(mine ? { spans: mine } : {}),
    }
  })
}
