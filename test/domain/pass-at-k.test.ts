import { expect, test } from 'vitest'
import { passAtK } from '../../domain/advantage/pass-at-k.ts'

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
  expect(passAtK(1, 2, 8)).toEqual(passAtK(1, 2, 2))
})
