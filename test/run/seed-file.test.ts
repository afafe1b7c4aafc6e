import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSeeds } from '../../src/run/seed-file.ts'
import { temporary } from '../temporary.ts'

const home = temporary('seeds')

function read(...lines: object[]) {
  const path = join(home, 'seeds.jsonl')
  writeFileSync(path, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  return readSeeds(path)
}

test('a published triplet is a seed of both kinds, a published problem one of induction', () => {
  const about = { imports: [], original_snippet: 'x', composite_functions: [], thought: 'hm' }
  const triplet = { snippet: 'def f(a): return a', input: '3', output: '3', ...about }
  const problem = { snippet: 'def f(a): return a', inputs: ['1', '2'], outputs: ['1', '2'] }
  const program = 'def f(a): return a'
  expect(read(triplet, { ...problem, message: 'm', imports: [] })).toEqual([
    { kind: 'deduction', program, inputs: ['3'], message: '' },
    { kind: 'abduction', program, inputs: ['3'], message: '' },
    { kind: 'induction', program, inputs: ['1', '2'], message: 'm' },
  ])
})

test('our own lines are read as they were written', () => {
  const seed = { kind: 'abduction', program: 'def f(a): return a', inputs: ['3'], message: '' }
  expect(read(seed)).toEqual([seed])
})

test('a line that is neither is named', () => {
  expect(() => read({ snippet: 'def f(a): return a', input: '3' }, { snippet: 'x' })).toThrow(
    /seeds.jsonl:2: it has neither snippet and input, nor snippet, inputs and message/,
  )
  expect(() => readSeeds(join(home, 'none.jsonl'))).toThrow(/Cannot read seeds .*none.jsonl/)
})
