import { describe, expect, test } from 'vitest'
import { canonicalJson, hashOf, taskHash } from '../../domain/hash.ts'
import { samplingSeed, stream } from '../../domain/rng.ts'

describe('canonical JSON', () => {
  test.each([
    [{ b: 1, a: { d: [], c: null } }, '{"a":{"c":null,"d":[]},"b":1}'],
    [[1, 'x\n', true, undefined], '[1,"x\\n",true,null]'],
    [{ a: undefined, b: 2 }, '{"b":2}'],
    ['…', '"…"'],
    [undefined, 'null'],
    [0.1, '0.1'],
  ])('%j', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  test('equal values have equal hashes, others have different ones', () => {
    expect(hashOf({ a: 1, b: 2 })).toBe(hashOf({ b: 2, a: 1 }))
    expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: '1' }))
    expect(hashOf(['ab', 'c'])).not.toBe(hashOf(['a', 'bc']))
  })

  test('a task is identified by its kind, its program and its inputs', () => {
    const hash = taskHash('deduction', 'p', ['1'])
    expect(hash).toMatch(/^[0-9a-f]{32}$/)
    const others = [
      taskHash('abduction', 'p', ['1']),
      taskHash('deduction', 'q', ['1']),
      taskHash('deduction', 'p', ['1', '2']),
    ]
    expect(others).not.toContain(hash)
  })
})

describe('keyed randomness', () => {
  test('depends on the key, and on nothing else', () => {
    const draw = (...parts: (string | number)[]) => stream(7, ...parts).next()
    expect(draw('a', 1)).toBe(draw('a', 1))
    expect(new Set([draw('a', 1), draw('a', 2), draw('b', 1), stream(8, 'a', 1).next()]).size).toBe(
      4,
    )
  })

  test('samples without repeats, and no more than there are', () => {
    const items = Array.from({ length: 20 }, (_, i) => i)
    const found = stream(1, 'sample').sample(items, 12)
    expect(new Set(found).size).toBe(12)
    expect(stream(1, 'sample').sample(items, 50)).toHaveLength(20)
    expect(
      stream(1, 'shuffle')
        .shuffle(items)
        .sort((a, b) => a - b),
    ).toEqual(items)
  })

  test('is uniform', () => {
    const rng = stream(3, 'even')
    const counts = [0, 0, 0, 0]
    for (let i = 0; i < 8000; i++) {
      const at = rng.int(4)
      counts[at] = (counts[at] ?? 0) + 1
    }
    const total = counts.reduce((sum, n) => sum + n, 0)
    for (const n of counts) expect(Math.abs(n / total - 0.25)).toBeLessThan(0.02)
  })

  test('seeds of requests fit into 31 bits and differ by key', () => {
    const seeds = Array.from({ length: 200 }, (_, index) =>
      samplingSeed(1, { step: 1, purpose: 'solve', kind: 'deduction', index, sample: 0 }),
    )
    expect(new Set(seeds).size).toBe(200)
    expect(seeds.every(seed => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)).toBe(true)
  })
})
