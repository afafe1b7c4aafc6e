/** The dialect `micro`: its prompts and its readers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { endIn } from '../../domain/prompts/end.ts'
import { microDialect as micro } from '../../domain/prompts/index.ts'
import type { Kind } from '../../domain/task.ts'
import { context, task } from './prompting.ts'

describe('micro', () => {
  test('asks for proposals', () => {
    expect(micro.proposerPrompt('deduction', context())).toBe('<PD>def f(z):\n    return z * 7<S>')
    expect(micro.proposerPrompt('abduction', context({ references: [] }))).toBe('<PB><S>')
    const asked = context({ program: task('deduction') })
    expect(micro.proposerPrompt('induction', asked)).toBe('<PF>def f(a):\n    return a + 1<S>')
  })

  test.each([
    ['<A>5', { ok: true, value: '5' }],
    ['<T>3;5;<A>5', { ok: true, value: '5' }],
    ['5', { ok: false, reason: 'no answer' }],
    ['<A>5<A>6', { ok: false, reason: 'more than one marker' }],
    ['junk<A>5', { ok: false, reason: 'more than one marker' }],
  ])('reads %s', (text, found) => {
    expect(micro.parseAnswer('deduction', text)).toEqual(found)
  })

  test('reads proposals', () => {
    const read = (kind: Kind, text: string) => micro.parseProposal(kind, text, context())
    expect(read('deduction', 'def f(a):\n return a<I>3')).toEqual({
      ok: true,
      value: { program: 'def f(a):\n return a', inputs: ['3'], message: '' },
    })
    expect(read('deduction', 'def f(a)')).toEqual({ ok: false, reason: 'no input marker' })
    expect(read('deduction', 'p<I>1<I>2')).toEqual({ ok: false, reason: 'more than one marker' })
    expect(read('induction', '1;2;3')).toEqual({ ok: false, reason: 'too few inputs' })
  })
})

test('micro: a proposal of inputs ends with the last requested one', () => {
  const end = micro.proposalEnd('induction', context({ inputs: 3 }))
  expect(end).toEqual({ text: ';', count: 3 })
  const ends = (text: string) => end && endIn(text, end)
  expect(['1;2', '1;2;3', '1;2;3;', '1;2;3;4;5'].map(ends)).toEqual([-1, -1, 5, 5])
  expect(micro.proposalEnd('deduction', context())).toBe(undefined)
})

/** The same examples bind the Python side: trainer/tests/test_dialect.py. */
describe('micro: forms on which the embedded model was pretrained', () => {
  const path = join(import.meta.dirname, '..', 'fixtures', 'micro-dialect.json')
  const { program, inputs, outputs, forms } = JSON.parse(readFileSync(path, 'utf8'))
  const pairs = inputs.map((input: string, i: number) => {
    return { input, output: outputs[i], canonical: outputs[i] }
  })
  const of = (kind: Kind) => task(kind, { program, pairs })

  test.each(kinds)('%s', kind => {
    expect(micro.solverPrompt(of(kind))).toBe(forms[kind].prompt)
    const values = { deduction: outputs[0], abduction: inputs[0], induction: program }
    const value = values[kind as keyof typeof values]
    expect(micro.parseAnswer(kind, forms[kind].completion)).toEqual({ ok: true, value })
  })

  test('writing the values first', () => {
    expect(micro.parseAnswer('deduction', forms.deduction.scratch)).toMatchObject({ value: '8' })
  })

  test('proposing', () => {
    const references = [task('deduction', { program: forms.proposal.reference })]
    expect(micro.proposerPrompt('deduction', context({ references }))).toBe(forms.proposal.prompt)
    const draft = micro.parseProposal('deduction', forms.proposal.completion, context())
    expect(draft).toMatchObject({ value: { program, inputs: ['1'] } })
    const asked = context({ program: of('deduction') })
    expect(micro.proposerPrompt('induction', asked)).toBe(forms.inputs.prompt)
    const more = micro.parseProposal('induction', forms.inputs.completion, asked)
    expect(more).toMatchObject({ value: { program, inputs } })
  })
})
