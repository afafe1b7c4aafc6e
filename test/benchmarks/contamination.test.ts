/**
 * Overlap of programs with small sets of our own, in a real sandbox; and the command on a stored
 * run.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { contaminationOf } from '../../src/benchmarks/contamination/index.ts'
import type { Proposed } from '../../src/benchmarks/own.ts'
import { findSuite, openBenchmark } from '../../src/benchmarks/suites.ts'
import { python, root } from '../../src/config/paths.ts'
import { unpack } from '../run/replay/stored.ts'
import { temporary } from '../temporary.ts'
import { azr } from '../whole/azr.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const data = join(root, 'test', 'fixtures', 'benchmarks', 'data')
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox({ python, workers: 1 })
})
afterAll(() => sandbox.stop())

async function look(suite: string, programs: Proposed[]) {
  const benchmark = findSuite(suite)
  const { items } = await openBenchmark(benchmark, { data, model: '' })
  const options = { sandbox, atOnce: 2, onProgram: () => {}, ngram: 8, run: programs }
  return contaminationOf(benchmark, items, { programs, pairs: programs }, options)
}

const program = (id: string, text: string, input: string, output: string): Proposed => {
  return { id, text, input, output }
}

test('a program that does what an item asks for is found by its behaviour, not by its text', async () => {
  const found = await look('humanevalplus', [
    program('same', 'def f(v):\n    return list(map(lambda a: a / 2, v))', '[4]', '[2.0]'),
    program('copy', 'def halves(xs):\n    return [x / 2 for x in xs]\nf = halves', '[4]', '[2.0]'),
    program('nearly', 'def f(v):\n    return [a // 2 for a in v]', '[4]', '[2]'),
    program('raises', 'def f(v):\n    return v.no', '[4]', '[2]'),
    program('endless', 'def f(v):\n    while True:\n        pass', '[4]', '[2]'),
  ])
  expect(found.behaviour).toEqual([
    { item: 'Own/0', task: 'copy' },
    { item: 'Own/0', task: 'same' },
  ])
  expect(found.words).toEqual([{ item: 'Own/0', task: 'copy', share: 1 }])
  expect(found).toMatchObject({ items: 2, programs: 5, unfinished: 0 })
})

test('one input proves little: the item’s program also has to agree on the task’s input', async () => {
  const found = await look('cruxeval_o', [
    program('same', 'def f(a):\n    return sorted(a, reverse=True)', '[5, 7]', '[7, 5]'),
    program('other', 'def f(a):\n    return [3, 2, 1]', '[9]', '[3, 2, 1]'),
    program('asked', 'def f(a):\n    return [3, 2, 1]', '[1,3,2]', '[3, 2, 1]'),
  ])
  expect(found.behaviour).toEqual([
    { item: 'own_0', task: 'asked' },
    { item: 'own_0', task: 'same' },
  ])
  expect(found.questions).toEqual([{ item: 'own_0', task: 'asked' }])
})

test('the command reads the proposed tasks of a run, and leaves a file for the report', async () => {
  const home = temporary('contamination')
  const folder = unpack(home, 'stored')
  const asked = ['contamination', 'stored', '--data', data, '--programs', '2']
  const { code, out, err } = await azr([...asked, '--suite', 'cruxeval_o,micro-easy'], { home })
  expect(err).not.toContain('Cannot')
  expect(code).toBe(0)
  expect(out).toContain('cruxeval_o: of 2 items: words ')
  const { suites, programs } = JSON.parse(readFileSync(join(folder, 'contamination.json'), 'utf8'))
  expect(programs).toBeGreaterThan(0)
  expect(suites.map(({ suite }: { suite: string }) => suite)).toEqual(['cruxeval_o', 'micro-easy'])
  const report = await azr(['report', 'stored'], { home })
  expect(report.code).toBe(0)
  const html = readFileSync(join(folder, 'report.html'), 'utf8')
  expect(html).toContain('Shared with the benchmarks')
  const wrong = await azr(['contamination', 'stored', '--suite', 'gsm8k'], { home })
  expect(wrong.err).toContain('Cannot compare with gsm8k')
  expect(wrong.code).toBe(2)
})
