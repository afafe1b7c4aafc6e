import { describe, expect, test } from 'vitest'
import { answerDiversity, combineRewards, measure, surprise } from '../../domain/intrinsic.ts'
import { builtInKinds } from '../../domain/kinds/index.ts'
import { complexityOf, editDistance, halstead, tokensOf } from '../../domain/measure.ts'
import { proposerReward, rewardFrom } from '../../domain/reward.ts'
import type { Kind, Pair, Task } from '../../domain/task.ts'
import { configSchema } from '../../src/config/config.ts'

const { reward } = configSchema.parse({})
const program = 'def f(a):\n    x = a + 2\n    return x * 3'
const pair = (input: string, output: string): Pair => ({ input, output, canonical: output })
const task = (kind: Kind, pairs: Pair[], normalized = program): Task => {
  return { id: 'x', kind, program: normalized, normalized, pairs, message: '', hash: 'h' }
}

describe('programs, by tokens', () => {
  test("a program is split into Python's tokens", () => {
    const words = ['def', 'f', '(', 'a', ')', ':', '\n    ', 'x', '=', 'a', '+', '2', '\n    ']
    expect(tokensOf(program)).toEqual([...words, 'return', 'x', '*', '3'])
    expect(tokensOf("b'a\\'b' + f'{x}' ** .5e3 // 1_0")).toEqual([
      "b'a\\'b'",
      '+',
      "f'{x}'",
      '**',
      '.5e3',
      '//',
      '1_0',
    ])
    expect(tokensOf("a<='x\ny' != né")).toContain('né')
  })

  test('Halstead: 2 operators of 2, 7 operands of 5: volume 9 log2 7, effort 1.4 of it', () => {
    const { volume, effort } = halstead(tokensOf(program))
    expect(volume).toBeCloseTo(9 * Math.log2(7), 9)
    expect(effort).toBeCloseTo(1.4 * 9 * Math.log2(7), 9)
    expect(halstead([])).toEqual({ volume: 0, effort: 0 })
  })

  test('complexity: effort, branches and volume, and never above 1', () => {
    expect(complexityOf(program)).toBeCloseTo(0.0017686 + 0.03 + 0.0101064, 6)
    const branching = program.replace('x * 3', 'x if a > 1 and a < 9 else 3')
    expect(complexityOf(branching)).toBeGreaterThan(complexityOf(program) + 0.06)
    const long = Array.from({ length: 400 }, (_, i) => `if a${i} > ${i} and b${i}: c${i} += ${i}`)
    expect(complexityOf(long.join('\n'))).toBe(1)
  })

  test('edit distance: one token of 17; nine of 17; nothing; everything', () => {
    expect(editDistance(program, program.replace('3', '44'))).toBeCloseTo(1 / 17, 9)
    expect(editDistance(program, 'def f(a):\n    return a')).toBeCloseTo(9 / 17, 9)
    expect(editDistance(program, program)).toBe(0)
    expect(editDistance('', '')).toBe(0)
    expect(editDistance('a b', 'c d e')).toBe(1)
  })
})

describe('answers', () => {
  test('surprise is 1 minus the share of equal texts, and 1 without known texts', () => {
    expect(surprise('1', ['1', '2', '1', '3'])).toBe(0.5)
    expect(surprise('9', ['1', '2'])).toBe(1)
    expect(surprise('1', [])).toBe(1)
  })

  test('deduction looks at outputs, abduction at inputs, induction at both', () => {
    const others = (kind: Kind) => [task(kind, [pair('1', 'a')]), task(kind, [pair('2', 'a')])]
    const mine = (kind: Kind) =>
      answerDiversity(builtInKinds.of(kind), task(kind, [pair('1', 'a')]), others(kind))
    expect(mine('deduction')).toBe(0)
    expect(mine('abduction')).toBe(0.5)
    const pairs = [pair('1', 'a'), pair('3', 'b')]
    // Inputs 0.5 and 1, outputs 0 and 1.
    const induction = builtInKinds.of('induction')
    expect(answerDiversity(induction, task('induction', pairs), others('induction'))).toBe(
      (0.75 + 0.5) / 2,
    )
  })

  test('a given program is not measured', () => {
    const found = measure(builtInKinds.of('induction'), task('induction', [pair('1', '2')]), [], [])
    expect(found).toEqual({ answerDiversity: 1 })
    const own = measure(
      builtInKinds.of('deduction'),
      task('deduction', [pair('1', '2')]),
      [task('deduction', [])],
      [],
    )
    expect(own).toEqual({ complexity: complexityOf(program), editDistance: 0, answerDiversity: 1 })
  })
})

describe('rewards in addition to learnability', () => {
  const measures = { complexity: 0.5, editDistance: 0.8, answerDiversity: 0.9 }
  const knobs = { ...reward, complexity: 0.2, editDistance: 2 }

  test('without weights nothing is added, however they are combined', () => {
    for (const combine of ['sum', 'multiply', 'sumMultiply', 'multiplySum'] as const) {
      expect(combineRewards(0.25, measures, { ...reward, combine })).toBe(0.25)
      expect(combineRewards(0.25, {}, { ...knobs, combine })).toBe(0.25)
    }
  })

  test.each([
    // 0.2 * 0.5 = 0.1, and 2 * 0.8 is capped at 0.5.
    ['sum', 0.25 + 0.1 + 0.5],
    ['multiply', 0.25 * 0.1 * 0.5],
    ['sumMultiply', 0.25 + 0.1 * 0.5],
    ['multiplySum', 0.25 * (0.1 + 0.5)],
  ] as const)('%s', (combine, expected) => {
    expect(combineRewards(0.25, measures, { ...knobs, combine })).toBeCloseTo(expected, 9)
  })

  test('a negative weight is a penalty', () => {
    const priced = { ...reward, complexity: -0.4 }
    expect(proposerReward('accepted', 0.75, priced, measures)).toBeCloseTo(0.25 - 0.2, 9)
  })

  test('only learnable tasks earn them', () => {
    expect(proposerReward('accepted', 1, knobs, measures)).toBe(reward.zeroLearnability)
    expect(proposerReward('accepted', 0, knobs, measures)).toBe(reward.zeroLearnability)
    expect(proposerReward('duplicate', 0.5, knobs, measures)).toBe(reward.duplicate)
  })
})

describe('random rewards', () => {
  const random = { seed: 1, reward: { ...reward, source: 'random' as const, randomRate: 0.3 } }
  const draw = (id: number) => rewardFrom(random, `000001.solve.deduction.${id}.0`, -1)

  test('are a function of seed and id', () => {
    const drawn = Array.from({ length: 4000 }, (_, id) => draw(id))
    expect(drawn).toEqual(Array.from({ length: 4000 }, (_, id) => draw(id)))
    expect(drawn.filter(value => value === 1).length / 4000).toBeCloseTo(0.3, 1)
    expect(new Set(drawn)).toEqual(new Set([1, -0.5]))
    expect(rewardFrom({ ...random, seed: 2 }, 'x', 0)).not.toBeNull()
  })

  test('rates 0 and 1 leave no chance; a completion without reward gets none', () => {
    const at = (randomRate: number) => ({ seed: 1, reward: { ...random.reward, randomRate } })
    const ids = Array.from({ length: 50 }, (_, i) => `${i}`)
    expect(ids.every(id => rewardFrom(at(0), id, 1) === -0.5)).toBe(true)
    expect(ids.every(id => rewardFrom(at(1), id, -1) === 1)).toBe(true)
    expect(rewardFrom(at(1), 'x', null)).toBeNull()
    expect(rewardFrom({ seed: 1, reward }, 'x', 0.25)).toBe(0.25)
  })
})
