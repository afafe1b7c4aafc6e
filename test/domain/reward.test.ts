import { describe, expect, test } from 'vitest'
import { advantages } from '../../domain/advantage/index.ts'
import type { Rewarded } from '../../domain/advantage/rewarded.ts'
import { whiten } from '../../domain/advantage/trr.ts'
import { pairsScore, proposerReward, solverReward, successRate } from '../../domain/reward.ts'
import { stream } from '../../domain/rng.ts'
import { configSchema } from '../../src/config/config.ts'

const { reward, advantage } = configSchema.parse({})
const close = (values: number[], expected: number[]) => {
  expect(values).toHaveLength(expected.length)
  values.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 6)
  })
}

describe('rewards', () => {
  test('a proposal earns 1 - s, or the penalty if it is never or always solved', () => {
    const earn = (solved: number) => proposerReward('accepted', solved / 8, reward)
    expect([0, 1, 4, 7, 8].map(earn)).toEqual([-0.5, 0.875, 0.5, 0.125, -0.5])
    expect(proposerReward('refused', null, reward)).toBe(-1)
    expect(proposerReward('accepted', 0, { ...reward, zeroLearnability: 0 })).toBe(0)
  })

  test('an answer earns 1, -0.5 or -1, and has no reward if it could not be judged', () => {
    expect(solverReward('correct', reward)).toBe(1)
    expect(solverReward('wrong', reward)).toBe(-0.5)
    expect(solverReward('malformed', reward)).toBe(-1)
    expect(solverReward('ungraded', reward)).toBeNull()
  })

  test('answers that could not be judged do not count towards the success rate', () => {
    expect(successRate(['correct', 'wrong', 'ungraded', 'malformed'])).toBeCloseTo(1 / 3)
    expect(successRate(['ungraded'])).toBeNull()
    expect(proposerReward('accepted', null, reward)).toBeNull()
  })

  test('four of five hidden pairs earn nothing, 0.8 or everything, as the config says', () => {
    expect(pairsScore(4, 5, 'binary')).toBe(0)
    expect(pairsScore(4, 5, 'accuracy')).toBe(0.8)
    expect(pairsScore(4, 5, 'ifOneCorrect')).toBe(1)
  })
})

describe('TRR++', () => {
  const items = (pairs: [number, number][]) => pairs.map(([r, tokens]) => ({ reward: r, tokens }))

  test('whitens over tokens like the conformance vectors', () => {
    close(
      whiten(
        items([
          [1, 2],
          [-0.5, 3],
        ]),
        'token',
      ),
      [1.0954451, -0.7302967],
    )
    close(
      whiten(
        items([
          [1, 10],
          [-0.5, 100],
          [-1, 20],
          [0.875, 50],
        ]),
        'token',
      ),
      [1.5223295, -0.5720856, -1.270224, 1.3477949],
    )
    close(
      whiten(
        items([
          [0.5, 3],
          [0.5, 9],
        ]),
        'token',
      ),
      [0, 0],
    )
  })

  test('whitens over sequences like the conformance vectors', () => {
    close(
      whiten(
        items([
          [1, 2],
          [-0.5, 3],
        ]),
        'sequence',
      ),
      [Math.SQRT1_2, -Math.SQRT1_2],
    )
    close(
      whiten(
        items([
          [1, 10],
          [-0.5, 100],
          [-1, 20],
          [0.875, 50],
        ]),
        'sequence',
      ),
      [0.9092145, -0.5956923, -1.0973278, 0.7838056],
    )
  })

  const batch: Rewarded[] = [
    { id: 'a', kind: 'deduction', role: 'solver', task: 't', reward: 1, tokens: 2 },
    { id: 'b', kind: 'deduction', role: 'solver', task: 't', reward: -0.5, tokens: 3 },
    { id: 'c', kind: 'abduction', role: 'proposer', task: null, reward: 0.5, tokens: 10 },
    { id: 'd', kind: 'abduction', role: 'proposer', task: null, reward: -1, tokens: 30 },
  ]

  test('never mixes kinds or roles', () => {
    const alone = advantages(batch.slice(0, 2), advantage, 1, stream(1))
    const together = advantages(batch, advantage, 1, stream(1))
    expect(together.slice(0, 2).map(a => a.advantage)).toEqual(alone.map(a => a.advantage))
  })

  test('gives every group the same weight, whatever its length', () => {
    const rows = advantages(batch, advantage, 1, stream(1))
    const total = (ids: string[]) =>
      batch.reduce(
        (sum, { id, tokens }, i) => sum + (ids.includes(id) ? tokens * (rows[i]?.weight ?? 0) : 0),
        0,
      )
    expect(total(['a', 'b'])).toBeCloseTo(0.5)
    expect(total(['c', 'd'])).toBeCloseTo(0.5)
  })

  test('weights of each minibatch sum to one', () => {
    const rows = advantages(batch, advantage, 2, stream(3))
    for (const minibatch of [0, 1]) {
      const sum = batch.reduce(
        (total, { tokens }, i) =>
          total + (rows[i]?.minibatch === minibatch ? tokens * (rows[i]?.weight ?? 0) : 0),
        0,
      )
      expect(sum).toBeCloseTo(1)
    }
  })

  test('answers to one task share a minibatch, and minibatches have similar sizes', () => {
    const many = Array.from({ length: 80 }, (_, i): Rewarded => {
      const task = `t${Math.floor(i / 8)}`
      return { id: `${i}`, kind: 'deduction', role: 'solver', task, reward: i % 2, tokens: 1 }
    })
    const rows = advantages(many, advantage, 5, stream(1))
    const dealt = Array.from({ length: 10 }, (_, task) =>
      rows.slice(task * 8, task * 8 + 8).map(({ minibatch }) => minibatch),
    )
    for (const mine of dealt) expect(new Set(mine).size).toBe(1)
    expect(dealt.map(([first]) => first).sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
  })

  const weightOf = (knobs: Partial<typeof advantage>, ids: string[]) => {
    const rows = advantages(batch, { ...advantage, ...knobs }, 1, stream(1))
    return batch.reduce(
      (sum, { id, tokens }, i) => sum + (ids.includes(id) ? tokens * (rows[i]?.weight ?? 0) : 0),
      0,
    )
  }

  test('lambda divides the loss between the roles, down to nothing', () => {
    const [solver, proposer] = [
      ['a', 'b'],
      ['c', 'd'],
    ]
    const shares = (solverWeight: number, proposerWeight: number) =>
      [solver, proposer].map(ids => weightOf({ solverWeight, proposerWeight }, ids as string[]))
    close(shares(3, 1), [0.75, 0.25])
    close(shares(0, 1), [0, 1])
    close(shares(1, 0), [1, 0])
    close(shares(0, 0), [0, 0])
  })

  test('without a baseline the reward itself is the advantage', () => {
    const rows = advantages(batch, { ...advantage, method: 'none' }, 1, stream(1))
    close(
      rows.map(row => row.advantage),
      [1, -0.5, 0.5, -1],
    )
  })

  test('with n = 1 every proposal is always or never solved, and earns the penalty', () => {
    const earned = [0, 1].map(s => proposerReward('accepted', s, reward))
    expect(earned).toEqual([reward.zeroLearnability, reward.zeroLearnability])
  })

  test('GRPO only compares answers to the same task', () => {
    const rows = advantages(batch, { ...advantage, method: 'grpo' }, 1, stream(1))
    close(
      rows.map(row => row.advantage),
      [0.75, -0.75, 0.75, -0.75],
    )
  })

  describe('items left out of the batch still count in the baseline', () => {
    const one = { kind: 'deduction', role: 'solver', tokens: 2 } as const
    const answers: Rewarded[] = [
      { ...one, id: '1', task: 'x', reward: 1 },
      { ...one, id: '2', task: 'x', reward: -0.5, isTruncated: true },
      { ...one, id: '3', task: 'y', reward: -0.5 },
      { ...one, id: '4', task: 'y', reward: -0.5 },
    ]
    const train = (knobs: Partial<typeof advantage>) =>
      advantages(answers, { ...advantage, method: 'grpo', ...knobs }, 1, stream(1))

    test('by default all are trained on', () => {
      expect(train({}).map(({ id, weight }) => [id, weight])).toEqual(
        ['1', '2', '3', '4'].map(id => [id, 1 / 8]),
      )
    })

    test('masked: completions that were cut', () => {
      const rows = train({ truncated: 'mask' })
      expect(rows.map(({ id, advantage, weight }) => [id, advantage, weight])).toEqual([
        ['1', 0.75, 1 / 6],
        ['3', 0, 1 / 6],
        ['4', 0, 1 / 6],
      ])
    })

    test('groups of equal rewards are dropped, by the baseline in use', () => {
      expect(train({ zeroVariance: 'drop' }).map(({ id }) => id)).toEqual(['1', '2'])
      const both = train({ zeroVariance: 'drop', truncated: 'mask' })
      expect(both.map(({ id, weight }) => [id, weight])).toEqual([['1', 1 / 2]])
      const whitened = train({ zeroVariance: 'drop', method: 'trr++' })
      expect(whitened).toHaveLength(4)
      const equal = answers.map(answer => ({ ...answer, reward: 1 }))
      const knobs = { ...advantage, zeroVariance: 'drop' } as const
      expect(advantages(equal, knobs, 1, stream(1))).toEqual([])
    })
  })
})
