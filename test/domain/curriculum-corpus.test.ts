import { describe, expect, test } from 'vitest'
import { planProposals, programsFor, type Sources } from '../../domain/curriculum.ts'
import { builtInNames, kindsOf } from '../../domain/kinds/index.ts'
import { emptyRecord } from '../../domain/record.ts'
import { configSchema } from '../../src/config/config.ts'

const kinds = kindsOf(builtInNames)
const record = emptyRecord()
const buffers = { deduction: ['d1', 'd2', 'd3'], abduction: ['a1'], induction: [] }

describe('the plan of a step with a corpus', () => {
  const own: Sources = {
    record,
    corpus: ['c1', 'c2'],
    buffers: { ...buffers, induction: ['i1', 'i2', 'i3'] },
    grounded: new Set(['i1', 'i3', 'gone']),
  }
  const plans = (corpusShare: number, kind: string, from = own) => {
    const knobs = configSchema.parse({ propose: { corpusShare, references: 3 } })
    const at = { step: 1, round: 0, batch: 400 }
    return planProposals(knobs, kinds, at, [kind], from)
  }
  const programs = (share: number) => plans(share, 'induction').map(({ program }) => program)

  test('a share of the programs are its functions', () => {
    expect(new Set(programs(1))).toEqual(new Set(['c1', 'c2']))
    expect(programs(0).some(program => own.corpus.includes(program as string))).toBe(false)
    const mine = programs(0.25).filter(program => own.corpus.includes(program as string))
    expect(mine.length / 400).toBeCloseTo(0.25, 1)
    expect(programs(0.25)).toEqual(programs(0.25))
  })

  test('a share of the references are tasks that were made of them, as far as there are', () => {
    const shown = plans(1, 'deduction').map(({ references }) => references)
    for (const references of shown) {
      expect(new Set(references.slice(0, 2))).toEqual(new Set(['i1', 'i3']))
      expect(buffers.deduction).toContain(references[2])
    }
    const none = plans(1, 'deduction', { ...own, grounded: new Set() })
    expect(new Set(none.flatMap(({ references }) => references))).toEqual(
      new Set(buffers.deduction),
    )
  })

  test('what the others draw is not changed by it', () => {
    const isOwn = (program: string | null) => own.corpus.includes(program as string)
    const without = plans(1, 'induction', { ...own, corpus: [] })
    const mixed = plans(0.5, 'induction')
    const differing = mixed.filter(({ program }, i) => program !== without[i]?.program)
    expect(differing.every(({ program }) => isOwn(program))).toBe(true)
    expect(plans(0, 'induction')).toEqual(without)
  })

  test('a function that is too long is replaced by another, then by the program of a task', () => {
    const knobs = configSchema.parse({ propose: { corpusShare: 1 } })
    const found = programsFor(knobs, kinds, own, '000001.propose.induction.0000.0')
    expect(new Set(found.slice(0, 2))).toEqual(new Set(own.corpus))
    expect(new Set(found.slice(2))).toEqual(new Set(['d1', 'd2', 'd3', 'a1']))
  })
})
