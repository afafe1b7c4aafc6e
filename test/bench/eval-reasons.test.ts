import { expect, test } from 'vitest'
import { type Difference, reasonOf } from '../../bench/eval/reasons.ts'

const difference: Difference = {
  set: 'mbppplus',
  id: 'Mbpp/255',
  kind: 'clears its input after',
  ours: 'correct',
  detail: null,
  theirs: 'plus fail',
  again: 'plus pass',
}

test('programs that evalplus passes with wider limits failed by its limits', () => {
  expect(reasonOf(difference)).toMatch(/limits/)
  expect(reasonOf({ ...difference, again: 'plus fail' })).toBeNull()
  expect(reasonOf({ ...difference, again: 'base pass' })).toBeNull()
})

test('only a mutation of the program explains our wrong verdict', () => {
  const wrong = { ...difference, ours: 'wrong', theirs: 'plus pass', again: null }
  expect(reasonOf(wrong)).toBeNull()
  expect(reasonOf({ ...wrong, again: 'plus pass' })).toBeNull()
  expect(reasonOf({ ...wrong, kind: 'equal to everything' })).toMatch(/==|equal/)
  expect(reasonOf({ ...wrong, id: 'HumanEval/32' })).toBeNull()
})
