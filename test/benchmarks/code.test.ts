/**
 * Code in the forms that models write. `code.jsonl` has forms of one function, each with evalplus's
 * verdict (bench/eval/evalplus_forms.py), azr's earlier one and the right one. Every difference
 * from evalplus has a reason, which docs/reference/benchmarks.md lists. LiveCodeBench's programs
 * are here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { filledLines } from '../../lib/lines.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { codeTexts, programOf } from '../../src/benchmarks/code.ts'
import { createGraders, gradeAll } from '../../src/benchmarks/graders.ts'
import { findSuite, openBenchmark } from '../../src/benchmarks/suites.ts'
import { python, root } from '../../src/config/paths.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 })

const graders = createGraders(async () => startSandbox({ python, workers: 2 }))
afterAll(graders.stop)

const fixtures = join(root, 'test', 'fixtures', 'benchmarks')
const read = (path: string) => readFileSync(path, 'utf8')

describe('forms of a function', () => {
  const forms = filledLines(read(join(fixtures, 'code.jsonl'))).map(({ text }) => JSON.parse(text))
  const script = read(join(root, 'bench', 'eval', 'evalplus_forms.py'))
  const prompt = /PROMPT = '''([\s\S]*?)'''/.exec(script)?.[1] ?? ''
  const inputs = '[[[1, 2]], [[]], [[1.5, -3, 10000000000000000000000]]]'
  const item = {
    id: 'forms',
    prompt,
    entry: 'halves',
    solution: '    return [x / 2 for x in xs]\n',
    atol: 0,
    tests: [{ name: 'base' as const, inputs }],
  }

  test('each has its verdict', async () => {
    const answers = forms.map(({ completion }) => ({ item, completion }))
    const grades = await gradeAll(graders, findSuite('humanevalplus'), answers, { count: 4 })
    const off = forms.flatMap(({ form, is }, at) =>
      grades[at]?.verdict === is ? [] : [[form, is, grades[at]]],
    )
    expect(off).toEqual([])
  })

  test('every difference from evalplus has a documented reason, and agreement has none', () => {
    const docs = read(join(root, 'docs', 'reference', 'benchmarks.md'))
    for (const { form, evalplus, is, why } of forms) {
      const differs = evalplus.length > 0 !== (is === 'correct')
      expect([form, typeof why]).toEqual([form, differs ? 'string' : 'undefined'])
      if (differs) expect(docs).toContain(why)
    }
    expect(forms.length).toBeGreaterThanOrEqual(60)
  })
})

test.each([
  ['a fence that is cut off', '```python\ndef g():\n  pass', 'def g():\n  pass\n'],
  ['the last answer block', '```\nx\n```<answer>\n```python\ny\n```\n</answer>', 'y\n'],
  ['words about a block', '<answer>\n```\ny\n```\n</answer>\nIn <answer> tags.', 'y\n'],
  ['output behind a program', '```python\ny\n```\nIt prints\n```\n5\n```', 'y\n'],
  ['a fence in a fence', '````md\n```python\ny\n```\n````', '```python\ny\n```\n'],
  ['a closing mark alone', 'x = 1\nprint(x)\n```', 'x = 1\nprint(x)\n'],
  ['a closing mark and prose', 'x = 1\nprint(x)\n```\nIt prints.', 'x = 1\nprint(x)\n'],
  ['an opening mark alone', 'So:\n```\nx = 1\nprint(x)\n', 'x = 1\nprint(x)\n'],
  ['a mark behind code', '```py\nprint(1)```', 'print(1)\n'],
  ['two turns', '```\ny\n```<|eot_id|>user\n```\nz\n```', 'y\n'],
])('a program in a completion: %s', (_, text, code) => expect(programOf(text)).toBe(code))

test('a text that repeats one word is read quickly', () => {
  for (const line of ['```python\n', '"""\n', '> - 1. ', '<answer>', 'def f(x):\n', '<think>']) {
    expect(codeTexts(line.repeat(20_000)).length).toBeGreaterThan(0)
  }
  const row = `a${'`'.repeat(1_000_000)}b`
  for (const text of [row, `\`\`\`python\n${row}`]) expect(programOf(text)).toContain(row)
})

describe('LiveCodeBench', async () => {
  const data = join(fixtures, 'data')
  const suite = await openBenchmark(findSuite('livecodebench'), { data, model: '' })
  const verdict = async (id: string, completion: string) => {
    const item = suite.items.find(one => one.id === id)
    if (!item) throw new Error(`no item ${id}`)
    return (await graders.grade(suite.benchmark, item, completion)).verdict
  }
  const sum = 'print(int(input()) + int(input()))\n'
  const inner = `    ${sum}`

  test.each([
    ['quit()', `${sum}quit()\n`],
    ['exit(1)', `${sum}exit(1)\nprint(9)\n`],
    ["sys.exit('x')", `import sys\n${sum}sys.exit('x')\n`],
    ['raise SystemExit', `${sum}raise SystemExit(2)\n`],
    ['sys.exit(main())', `import sys\ndef main():\n${inner}    return 3\nsys.exit(main())\n`],
    [
      'argparse',
      `import argparse\np = argparse.ArgumentParser()\np.add_argument('--n')\np.parse_args()\n${sum}`,
    ],
    ['fileinput', 'import fileinput\nprint(sum(int(line) for line in fileinput.input()))\n'],
    ['sys.argv', `import sys\nif len(sys.argv) > 1:\n    sys.stdin = open(sys.argv[1])\n${sum}`],
    ['sys.argv[0] and __file__', `import sys\nassert sys.argv[0] == __file__\n${sum}`],
    ['asyncio', `import asyncio\nasync def main():\n${inner}asyncio.run(main())\n`],
    ['subprocess', `import subprocess, multiprocessing, socket\n${sum}`],
    ['__future__', `from __future__ import annotations\nx: X = 1\n${sum}`],
    [
      '__future__ behind a docstring',
      `"""Adds."""\nfrom __future__ import (\n    annotations,\n)\n${sum}`,
    ],
    [
      'atexit',
      'import atexit\nxs = []\natexit.register(lambda: print(sum(xs)))\nxs += [int(input()), int(input())]\n',
    ],
    [
      'another stdout',
      `import io, sys\nout = sys.stdout = io.StringIO()\n${sum}sys.__stdout__.write(out.getvalue())\n`,
    ],
    ['a closed stdout', `import sys\n${sum}sys.stdout.close()\n`],
  ])('a program that runs alone: %s', async (_, program) => {
    expect(await verdict('own_a', `\`\`\`python\n${program}\`\`\``)).toBe('correct')
  })

  test('an exception after the output is wrong', async () => {
    expect(await verdict('own_a', `\`\`\`python\n${sum}1 / 0\n\`\`\``)).toBe('wrong')
  })

  const method = '    def pairs(self, xs, name):\n        return xs\n'
  test.each([
    ['a function', 'def pairs(xs, name):\n    return xs\n'],
    [
      'a static method',
      'class Solution:\n    @staticmethod\n    def pairs(xs, name):\n        return xs\n',
    ],
    ['__future__', `from __future__ import annotations\nclass Solution:\n    x: X\n${method}`],
    ['a driver', `class Solution:\n${method}print(Solution().pairs(input(), 1))\n`],
    ['an exit', `class Solution:\n${method}exit()\n`],
    [
      'the starter, then the whole',
      `class Solution:\n    def pairs(self, xs, name):\n        pass\n\`\`\`\n\`\`\`python\nclass Solution:\n${method}`,
    ],
    [
      'imports',
      `import argparse, asyncio, subprocess, sys\nsys.argv[0]\nclass Solution:\n${method}`,
    ],
  ])('a method in any form: %s', async (_, program) => {
    expect(await verdict('own_b', `\`\`\`python\n${program}\`\`\``)).toBe('correct')
  })

  test('an answer that only completes the starter', async () => {
    expect(await verdict('own_b', 'return xs\n')).toBe('correct')
    expect(await verdict('own_b', 'return [1, 2]\n')).toBe('wrong')
  })
})
