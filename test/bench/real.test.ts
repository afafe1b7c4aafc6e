import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Cell, Course } from '../../bench/learning/cells.ts'
import { findRecord, writeRecord } from '../../bench/real/records.ts'
import { writeShort } from '../../bench/real/short.ts'
import { endsOf, markdownOf, type Run } from '../../bench/real/table.ts'
import { temporary } from '../temporary.ts'

test('only short items go to the folder that is scored, unchanged', () => {
  const [from, to] = [temporary('from'), join(temporary('to'), 'short')]
  const item = (id: string, code: string) =>
    JSON.stringify({ id, code, input: '1', output: '2', note: 'é' })
  const lines = [item('a', 'def f(a): return a'), item('b', 'x'.repeat(200)), item('c', '')]
  mkdirSync(join(from, 'cruxeval'))
  writeFileSync(join(from, 'cruxeval', 'cruxeval.jsonl'), `${lines.join('\n')}\n`)
  expect(writeShort(from, to)).toBe(2)
  const text = readFileSync(join(to, 'cruxeval', 'cruxeval.jsonl'), 'utf8')
  expect(text).toBe(`${lines[0]}\n${lines[2]}\n`)
})

const step = (number: number, accepted: number | null, kind = 'induction'): Course => {
  const rest = { proposals: 6, learnable: 0.5, added: 2, lines: number, correct: 0.25 }
  return { step: number, kind, accepted, ...rest }
}

test('the ends of a run are its first and last five steps; missing values do not count', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(n => step(n, n === 2 ? null : n / 10))
  expect(endsOf(rows, row => row.accepted)).toEqual({
    first: (0.1 + 0.3 + 0.4 + 0.5) / 4,
    last: expect.closeTo(0.9),
  })
  expect(endsOf([], row => row.accepted)).toEqual({ first: null, last: null })
})

const cell = (shares: number[]): Cell => {
  const accuracy = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const none = { correct: 0, deviation: 0, scratched: 0, cut: 0, made_in: 0 }
  const counts = { items: shares.length, samples: 4, ...none }
  const passed = shares.filter(share => share > 0).length
  const where = { suite: 'cruxeval_o', kind: 'deduction', mode: 'sampled' } as const
  return { ...where, ...counts, shares, accuracy, passed }
}

const run = (arm: string, seed: number, end: number[]): Run => ({
  arm,
  seed,
  steps: 10,
  jobs: 1,
  seconds: 1200,
  evaluateSeconds: 300,
  trained: 500,
  start: [cell([0, 0.25, 0.5, 0])],
  end: [cell(end)],
  curve: [],
  course: [1, 10].map(n => step(n, n / 10)),
  gates: { parity: 0.0421, mismatch: 0.0003 },
})

test('the table has valid proposals by kind, gains with intervals, costs and gates', () => {
  const text = markdownOf(
    [run('full', 1, [0.5, 0.5, 0.5, 0]), run('full', 2, [0.25, 0.25, 0.5, 0]), run('lr0', 1, [0])],
    4,
  )
  expect(text).toContain('| full | induction | 10% → 100% | 50% | 8 | 1.0 → 10.0 | 25% → 25% |')
  expect(text).toContain('| full | deduction | – → – | – | 0 | – → – | – → – |')
  expect(text).toMatch(
    /\| full \| cruxeval_o \| 2 \| 18\.8 → 31\.3 \| \+12\.5 \| −66\.9 … \+91\.9 \|/,
  )
  expect(text).toContain('| full | 1 | 10 | 20 | 5 | 500 | 4.2e-2 | 3.0e-4 |')
  expect(text).toContain('- `lr0`: learning rate 0')
})

test('a record returns what was measured, under the same settings only', () => {
  const asked = { out: temporary('records'), steps: 10, items: 4, samples: 4, more: [] }
  const one = run('full', 2, [0.5, 0.25, 0.5, 0])
  writeRecord(asked, 'full', one)
  expect(findRecord(asked, 'full', 2)).toEqual(one)
  expect(findRecord(asked, 'full', 1)).toBeUndefined()
  expect(findRecord(asked, 'lr0', 2)).toBeUndefined()
  for (const change of [{ steps: 11 }, { items: 5 }, { samples: 8 }, { more: ['--seed=1'] }]) {
    expect(findRecord({ ...asked, ...change }, 'full', 2)).toBeUndefined()
  }
})
