import { expect, test } from 'vitest'
import { codeTokens, gramsOf, textOverlap } from '../../src/benchmarks/contamination/overlap.ts'

test('comments, docstrings and widths of indents do not count', () => {
  const item = 'def f(a):\n  """Adds."""\n\n  # one more\n  return a + 1  # there\n'
  expect(codeTokens(item)).toEqual(codeTokens('def f(a):\n    return a + 1'))
  // Strings that are values stay.
  expect(codeTokens("def f(a):\n    return 'x' + a")).toContain("'x'")
})

test('runs of tokens overlap by all but one token', () => {
  expect([...gramsOf(['a', 'b', 'c', 'd'], 3)]).toEqual(['a b c', 'b c d'])
  expect(gramsOf(['a'], 2).size).toBe(0)
})

const overlap = (items: string[], programs: string[], ngram: number) =>
  textOverlap(
    items.map((text, i) => ({ id: `item ${i}`, tokens: codeTokens(text) })),
    programs.map((text, i) => ({ id: `task ${i}`, text })),
    { ngram, isCode: true },
  )

test('each item is matched with the program that shares most of its runs', () => {
  // a = b + c; d: three programs with nothing of it, its first half, and all of it
  const found = overlap(['a = b + c'], ['x * y', 'q = b + c', 'z\na = b + c\nw'], 3)
  expect(found).toMatchObject({ items: 1, comparable: 1 })
  expect(found.words).toEqual([{ item: 'item 0', task: 'task 2', share: 1 }])
  expect(overlap(['a = b + c'], ['q = b + c'], 3).words[0]?.share).toBeCloseTo(2 / 3, 12)
})

test('renaming does not change the shape, and Python’s own names stay', () => {
  const item = 'def g(word):\n    return len(word) + 2'
  expect(overlap([item], ['def f(s):\n    return len(s) + 2'], 7).words).toEqual([])
  expect(overlap([item], ['def f(s):\n    return len(s) + 2'], 7).shape).toEqual([
    { item: 'item 0', task: 'task 0', share: 1 },
  ])
  expect(overlap([item], ['def f(s):\n    return sum(s) + 2'], 7).shape[0]?.share).toBeLessThan(1)
})

test('an item that is shorter than a run is not compared', () => {
  expect(overlap(['a'], ['a'], 2)).toMatchObject({ items: 1, comparable: 0, words: [] })
})
