/** `azr eval` as a user types it: completions made elsewhere, and a model on a benchmark. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { root } from '../../src/config/paths.ts'
import { readRun } from '../../state/open.ts'
import { temporary } from '../temporary.ts'
import { start } from './azr.ts'

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 })

const data = join(root, 'test', 'fixtures', 'benchmarks', 'data')
let home: string
beforeAll(() => {
  home = temporary('benchmarks')
})

const azr = async (args: string[]) => {
  const { code, err } = await start(args, { home }).ended
  return { code, stderr: err }
}

const grade = (lines: object[], ...flags: string[]) => {
  const completions = join(home, 'completions.jsonl')
  writeFileSync(completions, lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  const common = ['--completions', completions, '--data', data, '--home', home]
  return azr(['eval', ...common, ...flags])
}

test('completions are graded in their order, several per item', async () => {
  const out = join(home, 'verdicts.jsonl')
  const right = { id: 'own_0', completion: '[3, 2, 1]' }
  const wrong = { id: 'own_0', completion: '[1]' }
  const read = { id: 'own_1', completion: 'what?' }
  const { code, stderr } = await grade([right, wrong, read], '--suite', 'cruxeval_o', '--out', out)
  expect(stderr).toContain('cruxeval_o: 25.0%')
  expect(code).toBe(0)
  const verdicts = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(verdicts).toEqual([
    { id: 'own_0', verdict: 'correct', extracted: '[3, 2, 1]', detail: null },
    { id: 'own_0', verdict: 'wrong', extracted: '[1]', detail: 'gives [1]' },
    expect.objectContaining({ id: 'own_1', verdict: 'malformed', extracted: 'what?' }),
  ])
})

test.each([
  [
    'an item that is not there',
    [{ id: 'HumanEval/0', completion: '' }],
    'cruxeval_o',
    'has no item "HumanEval/0"',
  ],
  ['a line that is none', [{ id: 1 }], 'cruxeval_o', 'Cannot read line 1'],
  ['no lines', [], 'cruxeval_o', 'it has no completions'],
  ['an unknown suite', [{ id: 'a', completion: '' }], 'gsm8k', 'give one of humanevalplus'],
  ['a set that is not there', [{ id: 'a', completion: '' }], 'math500', 'azr data fetch math500'],
])('%s is reported, and nothing is written', async (_, lines, suite, words) => {
  const out = join(home, 'none.jsonl')
  const { code, stderr } = await grade(lines, '--suite', suite, '--out', out)
  expect(stderr).toContain(words)
  expect(code).toBe(2)
  expect(() => readFileSync(out)).toThrow()
})

test('a model answers a benchmark, once; its rows say what it was asked', async () => {
  const asked = ['eval', '--suite', 'cruxeval_i,cruxeval_o', '--data', data, '--home', home]
  const { code, stderr } = await azr([...asked, '--run', 'crux', '--no-serve'])
  expect(stderr).toContain('cruxeval_o')
  expect(code).toBe(0)
  const { items, run } = readRun(home, 'crux', reader => ({
    items: reader.evaluationItems(0),
    run: reader.run(),
  }))
  expect(items.map(({ suite, kind }) => `${suite} ${kind}`).sort()).toEqual([
    'cruxeval_i abduction',
    'cruxeval_i abduction',
    'cruxeval_o deduction',
    'cruxeval_o deduction',
  ])
  expect(run?.versions).toMatchObject({
    templates: '1',
    engine: expect.stringMatching(/^azr .*, torch \d/),
  })
  const again = await azr([...asked, '--run', 'crux', '--no-serve'])
  expect(again.stderr).toContain('is done')
})
