import { describe, expect, test } from 'vitest'
import { configSchema } from '../../src/config.ts'
import { bounded, drawTasks, planProposals, planSolves } from '../../src/domain/curriculum.ts'
import { formatKey, parseKey } from '../../src/domain/key.ts'
import { samplingSeed, stream } from '../../src/domain/rng.ts'
import { kinds } from '../../src/domain/task.ts'

const config = configSchema.parse({ solve: { batch: 4 }, propose: { references: 2 } })
const buffers = { deduction: ['d1', 'd2', 'd3'], abduction: ['a1'], induction: [] }

describe('the plan of a step', () => {
  test('is a function of config, seed and buffers', () => {
    const plan = () => planProposals(config, { step: 3, round: 0, batch: 5 }, kinds, buffers)
    expect(plan()).toEqual(plan())
    const other = configSchema.parse({ seed: 2, propose: { references: 2 } })
    expect(planProposals(other, { step: 3, round: 0, batch: 5 }, kinds, buffers)).not.toEqual(
      plan(),
    )
  })

  test('draws references without repeating, and no more than there are', () => {
    for (const { kind, references } of planProposals(
      config,
      { step: 1, round: 0, batch: 50 },
      kinds,
      buffers,
    )) {
      expect(new Set(references).size).toBe(references.length)
      if (kind === 'deduction') expect(references).toHaveLength(2)
      if (kind === 'abduction') expect(references).toEqual(['a1'])
    }
  })

  test('takes programs for induction from both other buffers', () => {
    const plan = planProposals(config, { step: 1, round: 0, batch: 80 }, ['induction'], buffers)
    expect(new Set(plan.map(({ program }) => program))).toEqual(new Set(['d1', 'd2', 'd3', 'a1']))
  })

  test('solves new tasks first, then the rest of the buffer, then repeats', () => {
    const drawn = drawTasks(config, 1, 'deduction', ['n1', 'n2'], ['o1', 'n1', 'n2'])
    expect(new Set(drawn.slice(0, 2))).toEqual(new Set(['n1', 'n2']))
    expect(drawn[2]).toBe('o1')
    expect(drawn).toHaveLength(4)
    expect(drawTasks(config, 1, 'deduction', [], [])).toEqual([])
  })

  test('asks for no fresh answer where the estimate is reused', () => {
    const plan = planSolves(config, 1, 'deduction', ['x', 'y'], new Set(['x']))
    expect(plan.map(({ task }) => task)).toEqual(['y'])
    expect(plan[0]?.id).toBe('000001.solve.deduction.0001.0')
  })

  test('a full buffer drops its oldest', () => {
    expect(bounded(['a', 'b', 'c'], 2)).toEqual(['b', 'c'])
  })
})

describe('keys and randomness', () => {
  test('ids read back as they were written, and their text order is number order', () => {
    const key = { step: 12, purpose: 'solve', kind: 'deduction', index: 3, sample: 0 } as const
    expect(formatKey(key)).toBe('000012.solve.deduction.0003.0')
    expect(parseKey(formatKey(key))).toEqual(key)
    expect(formatKey({ ...key, index: 10 }) > formatKey({ ...key, index: 9 })).toBe(true)
    const hash = '0123456789012345678901234567890a'.replace('a', '1')
    expect(parseKey(formatKey({ ...key, index: hash })).index).toBe(hash)
  })

  test('streams with other names are other streams, and equal ones are equal', () => {
    const draw = (...parts: string[]) => Array.from({ length: 4 }, stream(1, ...parts).next)
    expect(draw('a', 'b')).toEqual(draw('a', 'b'))
    expect(draw('a', 'b')).not.toEqual(draw('a', 'c'))
    const many = Array.from({ length: 20000 }, stream(7).next)
    expect(many.reduce((a, b) => a + b) / many.length).toBeCloseTo(0.5, 1)
    expect(Math.min(...many)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...many)).toBeLessThan(1)
  })

  test('sampling seeds fit the engine, and differ between samples', () => {
    const key = { step: 1, purpose: 'estimate', kind: 'deduction', index: 0, sample: 0 } as const
    const seeds = Array.from({ length: 100 }, (_, sample) => samplingSeed(1, { ...key, sample }))
    expect(new Set(seeds).size).toBe(100)
    expect(Math.max(...seeds)).toBeLessThan(2 ** 31)
  })

  test('a weighted draw never takes what weighs nothing', () => {
    for (let i = 0; i < 50; i++) {
      expect(stream(i).weighted(['a', 'b', 'c'], [1, 0, 3], 3)).not.toContain('b')
    }
  })
})
