import { describe, expect, test } from 'vitest'
import { advantages } from '../../domain/advantage/index.ts'
import type { Rewarded } from '../../domain/advantage/rewarded.ts'
import { judgeWorking, tracingProgram, trueStatements } from '../../domain/credit.ts'
import { stream } from '../../domain/rng.ts'
import { configSchema } from '../../src/config/config.ts'

describe('a program that returns the values of its lines', () => {
  test('is made of straight-line code that assigns different names', () => {
    expect(tracingProgram('def f(a):\n b = a + 1\n c = [b, a]\n return c[0]')).toBe(
      'def f(a):\n b = a + 1\n c = [b, a]\n return f"b = {b!r};c = {c!r};"',
    )
  })

  test.each([
    ['nothing to tell', 'def f(a):\n return a'],
    ['a name set twice', 'def f(a):\n b = a\n b = b + 1\n return b'],
    ['a branch', 'def f(a):\n if a > 0:\n  return 1\n return 2'],
    ['no return', 'def f(a):\n b = a\n c = b'],
  ])('cannot be made with %s', (_, program) => {
    expect(tracingProgram(program)).toBeNull()
  })

  test('its display text has the statements; an escaped one has none', () => {
    expect(trueStatements("'b = 3;c = [3, 2];'")).toEqual(['b = 3', 'c = [3, 2]'])
    expect(trueStatements(String.raw`'b = \'x\';'`)).toBeNull()
    expect(trueStatements('"b = \'x\';"')).toBeNull()
  })
})

describe('working is compared with the true values', () => {
  const marks = { statement: 73, answer: 13 }
  const truth = ['b = 3', 'c = 4']
  const judge = (text: string, ids: number[]) =>
    judgeWorking({ text, ids: Int32Array.from(ids), marks }, truth)

  test('each statement has its tokens, including the mark at its end', () => {
    const ids = [12, 112, 20, 65, 73, 113, 20, 66, 73, 13, 65, 2]
    expect(judge('<T>b = 3;c = 4;<A>3', ids)).toEqual([
      { tokens: 4, isTrue: true },
      { tokens: 4, isTrue: true },
    ])
  })

  test('statements after a false one are not judged', () => {
    const ids = [12, 112, 20, 66, 73, 113, 20, 66, 73, 13, 65, 2]
    expect(judge('<T>b = 4;c = 4;<A>3', ids).map(({ isTrue }) => isTrue)).toEqual([false, null])
  })

  test('a statement after the last line is false', () => {
    const ids = [12, 112, 20, 65, 73, 113, 20, 66, 73, 114, 20, 66, 73, 13, 65, 2]
    const found = judge('<T>b = 3;c = 4;d = 4;<A>3', ids)
    expect(found.map(({ isTrue }) => isTrue)).toEqual([true, true, false])
  })

  test('text that is not a statement, and working without an end, count with the answer', () => {
    expect(judge('<T><A>3', [12, 13, 65, 2])).toEqual([])
    expect(judge('<T>b = 3', [12, 112, 20, 65])).toEqual([])
  })
})

describe('advantages of working', () => {
  const { advantage } = configSchema.parse({})
  const answer = (id: string, reward: number, truths: (boolean | null)[]): Rewarded => ({
    ...{ id, kind: 'deduction', role: 'solver', task: 't', reward, tokens: 2 + 4 * truths.length },
    working: truths.map(isTrue => ({ tokens: 4, isTrue })),
  })
  const spans = (items: Rewarded[]) => {
    const made = advantages(items, { ...advantage, working: 'statements' }, 1, stream(1))
    return made.map(one => one.spans)
  }

  test('a false line of a right answer is pushed down, a true line of a wrong answer up', () => {
    const [right, wrong] = spans([answer('a', 1, [true, false]), answer('b', -1, [true, true])])
    const own = right?.[0]?.[1] as number
    expect(own).toBeGreaterThan(0)
    expect(right?.map(([tokens]) => tokens)).toEqual([1, 4, 4, 1])
    expect(right?.at(-1)?.[1]).toBe(own)
    // Whitened over 1, 0, 1, 1: mean 3/4, deviation 1/2.
    expect(right?.[1]?.[1]).toBeCloseTo(0.5)
    expect(right?.[2]?.[1]).toBeCloseTo(-1.5)
    expect(wrong?.[1]?.[1]).toBeCloseTo(0.5)
    expect(wrong?.[0]?.[1]).toBeLessThan(0)
  })

  test('statements without verdict are not trained on, and answers without working are unchanged', () => {
    const plain = { ...answer('c', 1, []), working: [] }
    const [first, , third] = spans([
      answer('a', 1, [true, false, null]),
      answer('b', -1, [true]),
      plain,
    ])
    expect(first?.[3]).toEqual([4, 0])
    expect(third).toBeUndefined()
  })
})
