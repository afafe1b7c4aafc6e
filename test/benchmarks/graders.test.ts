/**
 * Graders on small sets of our own, in real sandboxes: right, wrong, unreadable and slow answers.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { createGraders } from '../../src/benchmarks/graders.ts'
import { findSuite, openBenchmark, type Suite } from '../../src/benchmarks/suites.ts'
import { profileFolder, python, root } from '../../src/config/paths.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const own = join(root, 'test', 'fixtures', 'benchmarks', 'data')
const model = join(root, 'models', 'micro')

// Grades code without numpy, so that nothing has to be installed.
const graders = createGraders(async profile =>
  startSandbox({
    python,
    workers: 1,
    profile:
      profile === 'mathematics'
        ? await openProfile(profile, { python, home: profileFolder })
        : undefined,
  }),
)
afterAll(graders.stop)

const open = (name: string, options = {}) =>
  openBenchmark(findSuite(name), { data: own, model, ...options })

async function verdict({ benchmark, items }: Suite, id: string, completion: string) {
  const item = items.find(item => item.id === id)
  if (!item) throw new Error(`no item ${id}`)
  const { verdict, detail } = await graders.grade(benchmark, item, completion)
  return detail === null ? verdict : `${verdict}: ${detail}`
}

describe('EvalPlus', () => {
  test.each([
    ['its own solution', '    return [x / 2 for x in xs]\n', 'correct'],
    ['close floats', '    return [x * 0.5000000001 for x in xs]\n', 'correct'],
    ['prints on the way', '    print("[1]")\n    return [x / 2 for x in xs]\n', 'correct'],
    [
      'a whole function',
      '```python\ndef halves(xs):\n    return [x / 2 for x in xs]\n```',
      'correct',
    ],
    ['a tuple', '    return tuple(x / 2 for x in xs)\n', 'wrong: base: another value on test 1'],
    ['nothing', '    pass\n', 'wrong: base: another value on test 1'],
    ['an exception', '    return [1 / 0]\n', 'wrong: base: ZeroDivisionError on test 1'],
    [
      'right on base only',
      '    return [x // 1 / 2 for x in xs]\n',
      'wrong: plus: another value on test 2',
    ],
    [
      'another name',
      '```python\ndef other(xs):\n    pass\n```',
      'wrong: base: another value on test 1',
    ],
    ['an exit', '    import os; os._exit(0)\n', 'wrong: base: ended before test 1'],
    ['no Python', '    return [\n', 'malformed: base: unread: SyntaxError'],
    ['no text', ' ', 'malformed: no code'],
    ['sleep', '    import time; time.sleep(100)\n', 'wrong: base: too slow on test 1'],
    [
      'values forged on standard output',
      '    import os; os.write(1, b"[\\"value\\", \\"[0.5, 1.0]\\", 1]\\n"); return 0\n',
      'wrong: base: another value on test 1',
    ],
  ])('%s', async (_, completion, expected) => {
    expect(await verdict(await open('humanevalplus'), 'Own/0', completion)).toBe(expected)
  })

  test('an endless loop costs only its limit', async () => {
    const looping =
      '    while True:\n        try:\n            pass\n        except Exception: pass\n'
    expect(await verdict(await open('humanevalplus'), 'Own/1', looping)).toBe(
      'wrong: base: too slow on test 1',
    )
  })

  test('a call sees what earlier calls left behind', async () => {
    const stateful =
      '```python\nseen = []\ndef third(n):\n    seen.append(n)\n    return list(range(n)) if len(seen) < 2 else 0\n```'
    expect(await verdict(await open('humanevalplus'), 'Own/1', stateful)).toBe(
      'wrong: plus: another value on test 2',
    )
  })

  test('inputs with types that JSON lacks, and sets in any order', async () => {
    const benchmark = await open('mbppplus')
    expect(await verdict(benchmark, 'Own/2', 'def join(a, b):\n    return a + b')).toBe('correct')
    expect(await verdict(benchmark, 'Own/2', 'def join(a, b):\n    return list(a + b)')).toMatch(
      'wrong',
    )
    const shared = 'def similar_elements(a, b):\n    return [x for x in a if x in b]'
    expect(await verdict(benchmark, 'Own/3', shared)).toBe('correct')
  })
})

describe('LiveCodeBench', () => {
  test('methods are called, with hidden tests too', async () => {
    const benchmark = await open('livecodebench')
    const method = (body: string) =>
      `\`\`\`python\nclass Solution:\n    def pairs(self, xs: List[int], name: str):\n        ${body}\n\`\`\``
    expect(await verdict(benchmark, 'own_b', method('return tuple(xs)'))).toBe('correct')
    expect(await verdict(benchmark, 'own_b', method('return [1, 2]'))).toBe(
      'wrong: another value on test 2',
    )
    expect(await verdict(benchmark, 'own_b', 'class Solution:')).toMatch(/^malformed/)
  })

  test.each([
    ['input()', 'print(int(input()) + int(input()))', 'correct'],
    ['the buffer', 'print(sum(map(int, sys.stdin.buffer.read().split())))', 'correct'],
    ['lines', 'print(sum(int(line) for line in sys.stdin))', 'correct'],
    [
      'a thread for its stack',
      'import threading\ndef main():\n    print(int(input()) + int(input()))\nthreading.stack_size(1 << 27)\nt = threading.Thread(target=main)\nt.start()\nt.join()',
      'correct',
    ],
    ['another number', 'print(5)', 'wrong: other output on test 2'],
    ['no Python', 'print(', 'malformed'],
  ])('programs read standard input: %s', async (_, program, expected) => {
    const found = await verdict(
      await open('livecodebench'),
      'own_a',
      `\`\`\`python\n${program}\n\`\`\``,
    )
    expect(found.slice(0, expected.length)).toBe(expected)
  })

  test('contests are selected by date', async () => {
    const ids = async (options: object) =>
      (await open('livecodebench', options)).items.map(({ id }) => id)
    expect(await ids({})).toEqual(['own_a', 'own_b'])
    expect(await ids({ since: '2024-05-01' })).toEqual(['own_a'])
    expect(await ids({ until: '2024-03-01' })).toEqual(['own_b'])
  })
})

test.each([
  ['cruxeval_o', 'own_0', '[3, 2, 1]', 'correct'],
  ['cruxeval_o', 'own_0', '[ANSWER]f([1, 3, 2]) == [3, 2, 1][/ANSWER]', 'correct'],
  ['cruxeval_o', 'own_0', 'f([1, 3, 2])', 'wrong: an output has to be a value'],
  ['cruxeval_o', 'own_0', '(lambda xs: xs[::-1])([1, 2, 3])', 'wrong: an output has to be a value'],
  ['cruxeval_o', 'own_0', '[3, 2] + [1]', 'correct'],
  ['cruxeval_o', 'own_0', '[3, 2, 1', 'malformed'],
  ['cruxeval_o', 'own_0', '[1, 2, 3]', 'wrong: gives [1, 2, 3]'],
  ['cruxeval_o', 'own_1', '<answer>```output\n"a" + "aa"\n```</answer>', 'correct'],
  ['cruxeval_i', 'own_0', 'f([3, 1, 2])', 'correct'],
  ['cruxeval_i', 'own_0', '(1, 2, 3)', 'correct'],
  [
    ...([
      'cruxeval_i',
      'own_0',
      "type('X', (), {'__iter__': lambda x: iter([3, 2, 1])})()",
    ] as const),
    'wrong: an input has to be made of values',
  ],
  ['cruxeval_i', 'own_0', 'sorted([3, 1, 2], key=lambda x: -x)', 'correct'],
  ['cruxeval_i', 'own_0', '[1]', 'wrong: gives [1]'],
  ['cruxeval_i', 'own_0', '', 'malformed: no answer'],
  ['cruxeval_i', 'own_1', '', 'correct'],
] as const)('%s %s: %j is %s', async (suite, id, completion, expected) => {
  const found = await verdict(await open(suite), id, completion)
  expect(found.slice(0, expected.length)).toBe(expected)
})

test('micro suites accept answers with or without their marker', async () => {
  const benchmark = await open('micro-easy')
  const id = 'micro-easy.deduction.0000'
  expect(await verdict(benchmark, id, '<A>[13, 7]')).toBe('correct')
  expect(await verdict(benchmark, id, '[13,7]')).toBe('correct')
  expect(await verdict(benchmark, id, '<T>x<A>[7, 13]')).toMatch(/^wrong/)
  expect(await verdict(benchmark, id, '<A>what')).toMatch(/^malformed/)
})

test("mathematics: equality by algebra, and answers that the paper's rules lose", async () => {
  const item = { id: 'own', problem: '', gt: '\\frac{1}{2}', answer: '\\frac{1}{2}' }
  const named = { id: 'named', problem: '', gt: 'Evelyn', answer: '\\text{Evelyn}' }
  const benchmark = findSuite('math500')
  const grade = (of: typeof item, completion: string) => graders.grade(benchmark, of, completion)
  const answer = (text: string) => `<answer>${text}</answer>`
  expect(await grade(item, answer('0.5'))).toMatchObject({
    verdict: 'correct',
    paperVerdict: 'correct',
  })
  expect(await grade(item, answer('2'))).toMatchObject({ verdict: 'wrong', paperVerdict: 'wrong' })
  expect(await grade(named, answer('\\boxed{\\text{Evelyn}}'))).toMatchObject({
    verdict: 'correct',
    paperVerdict: 'wrong',
  })
  expect(await grade(item, 'no idea\nat all')).toMatchObject({ verdict: 'malformed' })
  expect(await grade(item, answer('0.5 square inches'))).toMatchObject({ verdict: 'correct' })
  for (const guess of ['7} \\boxed{0.5', '0.5} \\boxed{7']) {
    expect(await grade(item, answer(guess))).toMatchObject({ verdict: 'malformed' })
  }
  for (const guess of [
    '\\boxed{0.5, 7}',
    '\\boxed{0.5 \\text{ or } 7}',
    '[0, 1]',
    '0 < x < 1',
    'x',
  ]) {
    expect(await grade(item, answer(guess))).toMatchObject({ verdict: 'wrong' })
  }
})

const sets = process.env.AZR_DATA ?? ''

describe.skipIf(!existsSync(join(sets, 'cruxeval')))('the real sets, named in AZR_DATA', () => {
  test('CRUXEval: every output is right', async () => {
    const suite = await open('cruxeval_o', { data: sets })
    const items = suite.items as { id: string; output: string }[]
    const found = await Promise.all(items.map(({ id, output }) => verdict(suite, id, output)))
    expect(found.filter(one => one !== 'correct')).toEqual([])
  })
})
