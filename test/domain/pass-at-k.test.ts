import { describe, expect, test } from 'vitest'
import { passAtK, passAtKTraining } from '../../domain/advantage/pass-at-k.ts'
import type { Rewarded } from '../../domain/advantage/rewarded.ts'
import { whiten } from '../../domain/advantage/trr.ts'
import { loadConfig } from '../../src/config/load.ts'

/** Every group of k of the answers, and its reward: 1 with a right answer, else 0. */
function groupsOf(answers: readonly boolean[], k: number): { members: number[]; reward: number }[] {
  const pick = (from: number, left: number): number[][] =>
    left === 0
      ? [[]]
      : answers
          .map((_, i) => i)
          .filter(i => i >= from)
          .flatMap(i => pick(i + 1, left - 1).map(rest => [i, ...rest]))
  return pick(0, k).map(members => ({ members, reward: members.some(i => answers[i]) ? 1 : 0 }))
}

/** The mean of the whitened rewards of the groups that an answer is in. */
function byHand(answers: readonly boolean[], k: number, of: number): number {
  const groups = groupsOf(answers, k)
  const mean = groups.reduce((sum, { reward }) => sum + reward, 0) / groups.length
  const deviation = Math.sqrt(mean * (1 - mean))
  const mine = groups.filter(({ members }) => members.includes(of))
  const own = mine.reduce((sum, { reward }) => sum + reward, 0) / mine.length
  return deviation === 0 ? 0 : (own - mean) / deviation
}

test.each([1, 2, 3, 6])('is the mean over all groups of %i answers', k => {
  for (let right = 0; right <= 6; right += 1) {
    const answers = Array.from({ length: 6 }, (_, i) => i < right)
    const found = passAtK(right, 6, k)
    if (right > 0) expect(found.right).toBeCloseTo(byHand(answers, k, 0), 9)
    if (right < 6) expect(found.wrong).toBeCloseTo(byHand(answers, k, 5), 9)
  }
})

test('hard tasks count most, and nearly solved ones nothing', () => {
  expect(passAtK(1, 8, 2).right).toBeGreaterThan(3 * passAtK(4, 8, 2).right)
  expect(passAtK(7, 8, 2)).toEqual({ right: 0, wrong: 0 })
})

describe('a batch', () => {
  const answers = (task: string | null, rewards: number[]): Rewarded[] =>
    rewards.map((reward, i) => ({
      id: `${task}/${i}`,
      kind: 'deduction',
      role: task === null ? 'proposer' : 'solver',
      task,
      reward,
      tokens: 2,
    }))
  const settings = (k: number) => ({ ...loadConfig('micro').advantage, k })
  const of = (items: Rewarded[], k: number) => passAtKTraining.advantagesOf(items, settings(k))

  test('answers have the mean of groups of one to k', () => {
    const items = answers('x', [1, -0.5, -1, -0.5])
    const [one, two] = [passAtK(1, 4, 1), passAtK(1, 4, 2)]
    const wrong = (one.wrong + two.wrong) / 2
    expect(of(items, 2)).toEqual([(one.right + two.right) / 2, wrong, wrong, wrong])
    expect(of(items, 1)[0]).toBe(one.right)
    // There are no groups of more answers than there are.
    expect(of(items, 9)).toEqual(of(items, 4))
    expect(of(items, 2).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9)
  })

  test('proposals are whitened, as in TRR++', () => {
    const items = answers(null, [0.5, -1])
    expect(of(items, 2)).toEqual(whiten(items, settings(2).weighting))
  })
})
