import { describe, expect, test } from 'vitest'
import {
  bounded,
  drawTasks,
  kindsToFill,
  kindsToSeed,
  planProposals,
  planSolves,
  type Sources,
} from '../../domain/curriculum.ts'
import { formatKey, parseKey } from '../../domain/key.ts'
import { builtInNames, kindsOf } from '../../domain/kinds/index.ts'
import {
  emptyRecord,
  knownSuccess,
  learnabilityWeight,
  noteAnswers,
  recencyWeight,
} from '../../domain/record.ts'
import { samplingSeed, stream } from '../../domain/rng.ts'
import { configSchema } from '../../src/config/config.ts'

const config = configSchema.parse({ solve: { batch: 4 }, propose: { references: 2 } })
const kinds = kindsOf(builtInNames)
const record = emptyRecord()
const buffers = { deduction: ['d1', 'd2', 'd3'], abduction: ['a1'], induction: [] }
const sources: Sources = { buffers, record, corpus: [], grounded: new Set() }

describe('the plan of a step', () => {
  test('is a function of config, seed and buffers', () => {
    const plan = () =>
      planProposals(config, kinds, { step: 3, round: 0, batch: 5 }, builtInNames, sources)
    expect(plan()).toEqual(plan())
    const other = configSchema.parse({ seed: 2, propose: { references: 2 } })
    expect(
      planProposals(other, kinds, { step: 3, round: 0, batch: 5 }, builtInNames, sources),
    ).not.toEqual(plan())
  })

  test('draws different references, and no more than there are', () => {
    for (const { kind, references } of planProposals(
      config,
      kinds,
      { step: 1, round: 0, batch: 50 },
      builtInNames,
      sources,
    )) {
      expect(new Set(references).size).toBe(references.length)
      if (kind === 'deduction') expect(references).toHaveLength(2)
      if (kind === 'abduction') expect(references).toEqual(['a1'])
    }
  })

  test('takes programs for induction from both other buffers', () => {
    const plan = planProposals(
      config,
      kinds,
      { step: 1, round: 0, batch: 80 },
      ['induction'],
      sources,
    )
    expect(new Set(plan.map(({ program }) => program))).toEqual(new Set(['d1', 'd2', 'd3', 'a1']))
  })

  test('solves new tasks first, then the rest of the buffer, then repeats', () => {
    const drawn = drawTasks(config, 1, 'deduction', ['n1', 'n2'], ['o1', 'n1', 'n2'], record)
    expect(new Set(drawn.slice(0, 2))).toEqual(new Set(['n1', 'n2']))
    expect(drawn[2]).toBe('o1')
    expect(drawn).toHaveLength(4)
    expect(drawTasks(config, 1, 'deduction', [], [], record)).toEqual([])
  })

  test('keeps a share of the batch for older tasks if the config says so', () => {
    const [fresh, old] = [
      ['n1', 'n2', 'n3', 'n4'],
      ['o1', 'o2', 'o3', 'o4'],
    ] as const
    const news = (share: number, buffer: readonly string[]) => {
      const knobs = configSchema.parse({ solve: { batch: 4, fresh: share } })
      const drawn = drawTasks(knobs, 1, 'deduction', fresh, buffer, record)
      expect(new Set(drawn).size).toBe(4)
      return drawn.filter(task => task.startsWith('n')).length
    }
    expect([1, 0.5, 0].map(share => news(share, old))).toEqual([4, 2, 0])
    expect(news(0.5, ['o1'])).toBe(3)
  })

  test('samples no further answers if those of the estimate are reused', () => {
    const plan = planSolves(config, 1, 'deduction', ['x', 'y'], new Set(['x']))
    expect(plan.map(({ task }) => task)).toEqual(['y'])
    expect(plan[0]?.id).toBe('000001.solve.deduction.0001.0')
  })

  const plansOf = (over: object, step: number, size = 200) => {
    const knobs = configSchema.parse(over)
    return planProposals(knobs, kinds, { step, round: 0, batch: size }, ['deduction'], sources)
  }

  test('K comes from the config, from none to all', () => {
    const counts = (references: number) =>
      new Set(plansOf({ propose: { references } }, 1, 5).map(plan => plan.references.length))
    expect([0, 1, 3, 50].map(counts)).toEqual([[0], [1], [3], [3]].map(found => new Set(found)))
  })

  test('the seeding has its own K, or that of the steps', () => {
    const own = { propose: { references: 0 }, seeding: { references: 2 } }
    expect(plansOf(own, 0, 1)[0]?.references).toHaveLength(2)
    expect(plansOf(own, 1, 1)[0]?.references).toHaveLength(0)
    expect(plansOf({ propose: { references: 1 } }, 0, 1)[0]?.references).toHaveLength(1)
  })

  test('with recency, a task counts its step + 1 times: 1, 1 and 8 of 10', () => {
    record.added.set('d3', 7)
    const plans = plansOf({ propose: { references: 1, draw: 'recency' } }, 9, 2000)
    const share = (hash: string) => plans.filter(plan => plan.references[0] === hash).length / 2000
    expect(share('d1')).toBeCloseTo(0.1, 1)
    expect(share('d3')).toBeCloseTo(0.8, 1)
    const all = plansOf({ propose: { references: 3, draw: 'recency' } }, 9, 20)
    expect(all.every(plan => new Set(plan.references).size === 3)).toBe(true)
  })

  test('the seeding fills the kinds in play, and with induction alone also those that give programs', () => {
    const filled = (list: string[]) => kindsToFill(kindsOf(list))
    expect(filled(['induction'])).toEqual(builtInNames)
    expect(filled(['induction', 'deduction'])).toEqual(['deduction', 'induction'])
    expect(filled(['abduction'])).toEqual(['abduction'])
  })

  test('induction waits for the other kinds if the config says so, but not for ever', () => {
    const seeding = { size: 2, rounds: 6 }
    const plain = configSchema.parse({ seeding }).seeding
    const last = { ...plain, inductionLast: true }
    const full = ['x', 'y']
    const empty = { deduction: [], abduction: full, induction: [] }
    expect(kindsToSeed(kinds, plain, 0, empty)).toEqual(['deduction', 'induction'])
    expect(kindsToSeed(kinds, last, 0, empty)).toEqual(['deduction'])
    expect(kindsToSeed(kinds, last, 1, { ...empty, deduction: full })).toEqual(['induction'])
    expect(kindsToSeed(kinds, last, 3, empty)).toEqual(['deduction', 'induction'])
    expect(kindsToSeed(kinds, last, 6, empty)).toEqual([])
    expect(
      kindsToSeed(kinds, last, 1, { deduction: full, abduction: full, induction: full }),
    ).toEqual([])
  })

  test('a full buffer drops its oldest', () => {
    expect(bounded(['a', 'b', 'c'], 2)).toEqual(['b', 'c'])
  })
})

describe('the record of tasks', () => {
  const answered = (task: string, rights: string) =>
    [...rights].map(right => {
      return { task, verdict: right === '1' ? ('correct' as const) : ('wrong' as const) }
    })

  test('keeps the newest answers, without ungraded ones', () => {
    const mine = emptyRecord()
    expect(knownSuccess(mine, 'a')).toBeNull()
    noteAnswers(mine, answered('a', '11110000'), 8)
    expect(knownSuccess(mine, 'a')).toBe(0.5)
    noteAnswers(mine, [{ task: 'a', verdict: 'ungraded' }, ...answered('a', '11')], 8)
    expect(mine.answers.get('a')).toBe('11000011')
    noteAnswers(mine, answered('a', '11'), 4)
    expect(knownSuccess(mine, 'a')).toBe(1)
  })

  test('is the same whether it is built step by step or all at once', () => {
    const [steps, once] = [emptyRecord(), emptyRecord()]
    const found = [...answered('a', '10110'), ...answered('b', '01'), ...answered('a', '0011101')]
    for (const one of found) noteAnswers(steps, [one], 8)
    noteAnswers(once, found, 8)
    expect(steps).toEqual(once)
  })

  test('has weights s(1 - s), a sixth without answers; or step + 1', () => {
    const mine = emptyRecord()
    noteAnswers(mine, [...answered('half', '10'), ...answered('most', '0111')], 8)
    noteAnswers(mine, [...answered('all', '11'), ...answered('none', '00')], 8)
    const weights = ['half', 'most', 'all', 'none', 'new'].map(t => learnabilityWeight(mine, t))
    expect(weights).toEqual([0.25, 0.1875, 0, 0, 1 / 6])
    mine.added.set('half', 4)
    expect(recencyWeight(mine, 'half')).toBe(5)
  })

  test('with learnability, tasks that are always or never solved are drawn last', () => {
    const mine = emptyRecord()
    noteAnswers(mine, [...answered('half', '10'), ...answered('all', '11')], 8)
    noteAnswers(mine, [...answered('none', '00'), ...answered('eighth', '10000000')], 8)
    const knobs = (batch: number) =>
      configSchema.parse({ solve: { batch, draw: 'learnability' }, propose: { references: 2 } })
    const buffer = ['all', 'none', 'half', 'eighth', 'new']
    const drawn = (batch: number, step: number) =>
      drawTasks(knobs(batch), step, 'deduction', [], buffer, mine)
    for (let step = 1; step < 30; step++) {
      expect(new Set(drawn(3, step))).toEqual(new Set(['half', 'eighth', 'new']))
      expect(new Set(drawn(5, step))).toEqual(new Set(buffer))
    }
    // 1/4 : 7/64 : 1/6, so 0.475, 0.208 and 0.317 of the first draws.
    const firsts = Array.from({ length: 2000 }, (_, step) => drawn(1, step)[0])
    expect(firsts.filter(task => task === 'half').length / 2000).toBeCloseTo(0.475, 1)
    expect(firsts.filter(task => task === 'eighth').length / 2000).toBeCloseTo(0.208, 1)
  })

  test('new tasks still come first', () => {
    const knobs = configSchema.parse({ solve: { batch: 2, draw: 'learnability' } })
    expect(drawTasks(knobs, 1, 'deduction', ['n'], ['o'], emptyRecord())).toEqual(['n', 'o'])
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

  test('streams with other names differ, and equal names give equal streams', () => {
    const draw = (...parts: string[]) => Array.from({ length: 4 }, stream(1, ...parts).next)
    expect(draw('a', 'b')).toEqual(draw('a', 'b'))
    expect(draw('a', 'b')).not.toEqual(draw('a', 'c'))
    const many = Array.from({ length: 20000 }, stream(7).next)
    expect(many.reduce((a, b) => a + b) / many.length).toBeCloseTo(0.5, 1)
    expect(Math.min(...many)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...many)).toBeLessThan(1)
  })

  test('sampling seeds fit the engine, and leave room for 256 answers to each prompt', () => {
    const key = { step: 1, purpose: 'estimate', kind: 'deduction', sample: 0 } as const
    const seeds = Array.from({ length: 100 }, (_, index) => samplingSeed(1, { ...key, index }))
    expect(new Set(seeds).size).toBe(100)
    for (const seed of seeds) expect(seed % 256).toBe(0)
    expect(Math.max(...seeds) + 255).toBeLessThan(2 ** 31)
  })

  test('a weighted draw never takes an item of weight 0', () => {
    for (let i = 0; i < 50; i++) {
      expect(stream(i).weighted(['a', 'b', 'c'], [1, 0, 3], 3)).not.toContain('b')
    }
  })
})
