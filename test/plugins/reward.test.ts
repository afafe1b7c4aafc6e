/** The arguments of a user's reward, and the results that are accepted. */
import { expect, test } from 'vitest'
import { hashOf } from '../../domain/hash.ts'
import type { Reward, RewardedAnswer, RewardedProposal } from '../../domain/reward-plugin.ts'
import { configSchema } from '../../src/config/config.ts'
import { checkSamePlugins } from '../../src/plugins/open.ts'
import { rewardOf, rewardRules } from '../../src/run/work/reward.ts'
import type { RolloutRow } from '../../state/types.ts'

const task = {
  id: '000001.propose.induction.0',
  kind: 'induction' as const,
  program: 'def f(x):\n    return x',
  normalized: 'def f(x):\n    return x',
  pairs: [{ input: '1', output: '1', canonical: '1' }],
  message: 'same',
  hash: 'abc',
}
const rollout = {
  id: '000002.solve.induction.0.0',
  kind: 'induction',
  text: 'wrote',
  ids: new Uint8Array(new Int32Array([5, 6, 7]).buffer),
  finish_reason: 'stop',
} as RolloutRow
const right = { role: 'solver', verdict: 'correct', answer: 'lambda', score: 1, task } as const
const refused = {
  role: 'proposer',
  verdict: 'refused',
  reason: 'no code',
  successRate: null,
  learnability: null,
  task: null,
} as const

const config = configSchema.parse({})
const withReward = (functions: Omit<Reward, 'name'>, hash = '1') => {
  const value = { name: 'mine', ...functions }
  const path = '/mine/reward.ts'
  const reward = { what: 'reward', name: 'mine', path, files: [path], hash, value } as const
  return { config, plugins: { reward } }
}

test('an answer is passed completely, deeply frozen, and gets the returned reward', () => {
  let seen: RewardedAnswer | undefined
  const ports = withReward({
    answer(what) {
      seen = what
      return what.reward / 4
    },
  })
  expect(rewardOf(ports, rollout, 1, right)).toBe(0.25)
  expect(seen).toEqual({
    id: rollout.id,
    step: 2,
    kind: 'induction',
    role: 'solver',
    verdict: 'correct',
    answer: 'lambda',
    score: 1,
    reward: 1,
    text: 'wrote',
    tokens: 3,
    finishReason: 'stop',
    task: { kind: 'induction', program: task.program, pairs: task.pairs, message: 'same' },
  })
  expect(Object.isFrozen(seen)).toBe(true)
  expect(Object.isFrozen(seen?.task.pairs)).toBe(true)
  expect(() => Object.assign(seen?.task.pairs[0] as object, { input: '2' })).toThrow(TypeError)
  expect(task.pairs[0]?.input).toBe('1')
})

test('a proposal goes to its own function; without one it keeps the built-in reward', () => {
  const told: RewardedProposal[] = []
  const ports = withReward({ proposal: what => told.push(what) - 3 })
  expect(rewardOf(ports, rollout, -1, refused)).toBe(-2)
  expect(told[0]).toMatchObject({ reason: 'no code', task: null, reward: -1 })
  expect(rewardOf(ports, rollout, 1, right)).toBe(1)
})

test('an ungraded completion has no reward, and is not passed', () => {
  const ports = withReward({ answer: () => 7 })
  expect(rewardOf(ports, rollout, null, { ...right, verdict: 'ungraded' })).toBe(null)
})

test('the control replaces it, as it replaces any reward', () => {
  const random = configSchema.parse({ reward: { source: 'random' } })
  const paid = { ...withReward({ answer: () => 7 }), config: random }
  const drawn = { config: random, plugins: { reward: null } }
  expect(rewardOf(paid, rollout, 1, right)).toBe(rewardOf(drawn, rollout, 1, right))
})

test.each([
  ['NaN', () => Number.NaN],
  ['Infinity', () => Number.POSITIVE_INFINITY],
  ['undefined', () => undefined],
  ["'1'", () => '1'],
  ['Promise \\{', async () => Promise.reject(new Error('late'))],
])('%s is not a reward: the run ends', (shown, answer) => {
  const ports = withReward({ answer } as unknown as Reward)
  const message = new RegExp(
    `reward /mine/reward\\.ts returned ${shown}.* for 000002\\.solve.*finite number`,
  )
  expect(() => rewardOf(ports, rollout, 1, right)).toThrow(message)
})

test("a grade's hash includes the plug-in's content, and is unchanged without one", () => {
  const plain = { ...config.reward } as Record<string, unknown>
  delete plain.custom
  const none = { config, plugins: { reward: null } }
  expect(hashOf(rewardRules(none))).toBe(hashOf(plain))
  const [one, two] = ['1', '2'].map(hash => hashOf(rewardRules(withReward({}, hash))))
  expect(new Set([one, two, hashOf(plain)]).size).toBe(3)
})

test('other content under the same path is refused; another path is another plug-in', () => {
  const { plugins } = withReward({}, '2')
  const began = (path: string, hash: string) => [
    { what: 'reward', name: 'mine', path, hash } as const,
  ]
  const others = { kinds: new Map(), benchmarks: new Map() }
  const check = (path: string, hash: string) =>
    checkSamePlugins('resume', 'one', began(path, hash), { ...plugins, ...others })
  expect(() => check('/mine/reward.ts', '1')).toThrow(
    'Cannot resume one as /mine/reward.ts has changed since it began: ' +
      'restore the old file, or begin a new run with it',
  )
  expect(() => check('/mine/reward.ts', '2')).not.toThrow()
  expect(() => check('/mine/other.ts', '1')).not.toThrow()
})
