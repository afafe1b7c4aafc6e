/**
 * Values that are too long to show are still distinguished, by a mark that is the same in every
 * process.
 */
import { afterAll, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { runCalls } from '../../src/benchmarks/calls.ts'
import { isEqual } from '../../src/benchmarks/equal.ts'
import { python } from '../../src/config/paths.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const sandbox = await startSandbox({ python, workers: 1 })
afterAll(() => sandbox.stop())

/** The text of each expression's value, from a new process. */
async function texts(expressions: string[]): Promise<string[]> {
  const program = 'def f(text):\n    return eval(text)'
  const inputs = JSON.stringify(expressions.map(text => [text]))
  const job = { program, entry: 'f', inputs, limits: [20], totalSeconds: 30 }
  const { calls } = await runCalls(sandbox, job)
  return calls.map(({ how, text }) => (how === 'value' ? text : `${how}: ${text}`))
}

const many = 50_000
const equal = [
  [`list(range(${many}))`, `[float(n) for n in range(${many})]`],
  [`['a', 'ß', ''] * ${many}`, `[*('a', 'ß', '')] * ${many}`],
  [`{n: str(n) for n in range(${many})}`, `{n: str(n) for n in reversed(range(${many}))}`],
  [`{str(n) for n in range(${many})}`, `frozenset(map(str, range(${many})))`],
  [`[(n, [True]) for n in range(${many})]`, `[(n, [1.0]) for n in range(${many})]`],
  [`[2**70] * ${many}`, `[float(2**70)] * ${many}`],
  ['10 ** 9000', '10 ** 8999 * 10'],
  [`[1.5, -1.0] * ${many}`, `[type('Own', (float,), {})(x) for x in (1.5, -1)] * ${many}`],
  [
    `[n + 0.5 for n in range(${many})]`,
    `[type('Own', (float,), {})(n + 0.5) for n in range(${many})]`,
  ],
  [`'x' * ${3 * many}`, `'x' * ${3 * many}`],
]
const other = [
  [`list(range(${many}))`, `tuple(range(${many}))`],
  [`[-1] * ${many}`, `[-2] * ${many}`],
  [`[-1, -2] * ${many}`, `[-2, -1] * ${many}`],
  [`[0] * ${many} + [1, 0]`, `[0] * ${many} + [0, 1]`],
  [`[[1, 2], [3]] * ${many}`, `[[1], [2, 3]] * ${many}`],
  [`[(1,)] * ${many}`, `[[1]] * ${many}`],
  [`['a'] * ${many}`, `['a'] * ${many - 1} + ['b']`],
  [`[None] * ${many}`, `[0] * ${many}`],
  ['2 ** 100000', '2 ** 100061'],
  [`'x' * ${3 * many}`, `'x' * ${3 * many - 1} + 'y'`],
  [`b'x' * ${3 * many}`, `'x' * ${3 * many}`],
]

test('a program is found in a completion with very long and very deep expressions', async () => {
  const sum = Array(1500).fill('1').join(' + ')
  const given = `def f(x):\n    return x + 1\n\ntotal = ${sum}\n`
  const job = { entry: 'f', inputs: '[[2]]', limits: [20], totalSeconds: 30 }
  const found = await runCalls(sandbox, { ...job, program: { texts: [given], prompt: '' } })
  expect([found.program, found.calls[0]?.text]).toEqual([given, '3'])
})

test('text before the program is not a program', async () => {
  const told = (output: string) => {
    const outcome = { outcome: 'returned', output, error: null }
    return { runScript: async () => [outcome] } as unknown as typeof sandbox
  }
  const program = { texts: [''], prompt: '' }
  const job = { program, entry: 'f', inputs: '[]', limits: [1], totalSeconds: 1 }
  const failed = await runCalls(told('["unloaded", "MemoryError", 0]\n'), job)
  expect([failed.program, failed.calls[0]?.how]).toEqual([null, 'unloaded'])
  expect(await runCalls(told('null\n'), job)).toMatchObject({ program: null, calls: [] })
})

test('equal values have equal marks, even under other hash seeds', async () => {
  const columns = [equal.map(([one]) => one as string), equal.map(([, two]) => two as string)]
  // More runs than servers, so that both hash seeds are used.
  const found = await Promise.all([...columns, ...columns].map(texts))
  for (const one of found) {
    expect(one.every(text => /^<long \w+ [0-9a-f]{16}>$/.test(text))).toBe(true)
    expect(one.map(text => text.slice(-17))).toEqual(found[0]?.map(text => text.slice(-17)))
  }
})

test.each(other)('%s is not %s', async (one, two) => {
  const [a = '', b = ''] = await texts([one, two])
  expect(a).toMatch(/^<long/)
  expect(isEqual(a, a)).toBe(true)
  expect(isEqual(a, b)).toBe(false)
})

test('values that equal nothing, and objects that are not values, have no mark, at any depth', async () => {
  const found = await texts([
    `[float('nan')] * ${many}`,
    `[0] * ${many} + [object()]`,
    `(lambda a: [[0] * ${many}, a, a.append(a)][:2])([])`,
  ])
  expect(found.map(text => text.split(':')[0])).toEqual(['other', 'other', 'other'])
})
