import { describe, expect, test, vi } from 'vitest'
import { SandboxGone, TextUnread } from '../../../domain/errors.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { judge, toolsOf } from '../../../domain/kinds/judge.ts'
import type { Question } from '../../../domain/kinds/kind.ts'
import { holdSandbox, limits } from '../../sandbox/hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox, expectHealthy } = holdSandbox()
const base = { program: 'def f(x):\n  return x * x', inputs: [], expected: ['9'] }
type Asked = Partial<Question> & { kind: string; answer: string }
const judgeBy = (box: Sandbox, { kind, ...question }: Question & { kind: string }) =>
  judge(builtInKinds.of(kind), question, toolsOf(box, limits))
const ask = (asked: Asked) => judgeBy(sandbox(), { ...base, ...asked })

describe('deduction', () => {
  test.each(['9', ' 9.0 ', '(9+0j)', '+9'])('%j is right', async answer => {
    expect(await ask({ kind: 'deduction', answer })).toEqual({
      type: 'judged',
      right: 1,
      count: 1,
      isUngraded: false,
      reason: null,
      runs: [],
    })
  })

  test.each(['8', '"9"', '[9]', 'None', '9, 9'])('%j is wrong', async answer => {
    expect(await ask({ kind: 'deduction', answer })).toMatchObject({ type: 'judged', right: 0 })
  })

  test.each(['', '3 * 3', 'f(3)', '__import__("os")._exit(0)', '[', `${'-'.repeat(3000)}9`])(
    '%j is malformed',
    async answer => {
      const found = await ask({ kind: 'deduction', answer })
      expect(found).toMatchObject({ type: 'malformed', reason: expect.any(String) })
    },
  )

  test('runs nothing', async () => {
    const execute = vi.spyOn(sandbox(), 'execute')
    await ask({ kind: 'deduction', answer: '9' })
    expect(execute).not.toHaveBeenCalled()
    execute.mockRestore()
  })
})

describe('an answer that may be an expression', () => {
  const compute = (kind: string, answer: string) => ask({ kind, answer, mayCompute: true })

  test.each([
    ['deduction', '4 + 5', 1],
    ['deduction', 'sum([4, 5])', 1],
    ['deduction', '4, 5', 0],
    ['deduction', 'nowhere', 0],
    ['deduction', '9) or (1', 0],
    ['abduction', '1 + 2', 1],
    ['abduction', 'x=1 + 2', 1],
    ['abduction', '1 + 3', 0],
    ['abduction', '3) + f(0', 0],
  ])('%s, %j: %i right', async (kind, answer, right) => {
    expect(await compute(kind, answer)).toMatchObject({ type: 'judged', right, count: 1 })
  })

  test('cannot change the program that it is passed to', async () => {
    const change = '(globals().update(f=lambda x: 9), setattr(type(exit), "x", 9), 5)[2]'
    expect(await compute('abduction', change)).toMatchObject({ type: 'judged', right: 0 })
    const builtin = '(__builtins__.__dict__ if 0 else 5)'
    expect(await compute('abduction', builtin)).toMatchObject({ type: 'judged', right: 0 })
  })
})

describe('abduction', () => {
  test.each(['3', '-3', 'x=3', '3.0', '(3+0j)'])(
    '%j is right, whichever input was meant',
    async answer => {
      const found = await ask({ kind: 'abduction', answer })
      expect(found).toMatchObject({ type: 'judged', right: 1, count: 1, reason: null })
      expect(found).toMatchObject({ runs: [{ program: base.program, inputs: [answer] }] })
    },
  )

  test.each([
    ['4', null],
    ['', 'raised: TypeError'],
    ['"a"', 'raised: TypeError'],
    ['y=3', 'raised: TypeError'],
  ])('%j is wrong: %s', async (answer, reason) => {
    const found = await ask({ kind: 'abduction', answer })
    expect(found).toMatchObject({ type: 'judged', right: 0, count: 1, reason })
  })

  test.each(['(', '3) + f(0', 'range(3)', '__import__("os")._exit(0)', `1${'0'.repeat(400)} + 1j`])(
    '%j is malformed',
    async answer => {
      expect(await ask({ kind: 'abduction', answer })).toMatchObject({ type: 'malformed' })
      await expectHealthy()
    },
  )
})

describe('induction', () => {
  const question = {
    kind: 'induction',
    inputs: ['1', '2', '3'],
    expected: ['1', '4', '9'],
  } as const
  const answer = (text: string) =>
    ask({
      ...question,
      inputs: [...question.inputs],
      expected: [...question.expected],
      answer: text,
    })

  test('all right', async () => {
    const found = await answer('def f(n):\n  return float(n ** 2)')
    expect(found).toMatchObject({ type: 'judged', right: 3, count: 3, reason: null })
  })

  test('some right', async () => {
    const found = await answer('def f(n):\n  return n ** 2 if n < 3 else 0')
    expect(found).toMatchObject({ right: 2, count: 3, reason: null, isUngraded: false })
  })

  test.each([
    ['def f(n):\n  return n + n', 1, null],
    ['def f(n):\n  return 4 // (n - 1)', 1, 'raised: ZeroDivisionError'],
    ['def f(n):\n  import os\n  os._exit(0)', 0, 'crashed: no answer'],
    ['def g(n):\n  return n ** 2', 0, 'rejected: no f'],
    ['def f(n):\n  while n == 3: pass\n  return n * n', 2, 'timedOut'],
    ['def f(n):\n  return type("E", (int,), {"__eq__": lambda *_: True})(n)', 1, null],
    ['class E:\n  __eq__ = lambda *_: True\ndef f(n):\n  return E()', 0, 'rejected: value outside'],
  ])('%j', async (text, right, reason) => {
    const found = await answer(text)
    expect(found).toMatchObject({ type: 'judged', right, count: 3, isUngraded: false })
    if (found.type === 'judged') expect(found.reason ?? 'null').toContain(reason ?? 'null')
  })

  test.each(['def f(n:', 'return 1', 'x = 1\0'])('%j is malformed', async text => {
    expect(await answer(text)).toMatchObject({ type: 'malformed' })
  })
})

describe('what is expected', () => {
  const sentinel = 'the-expected-value-5f1c'

  test.each([
    { kind: 'deduction', answer: '1' },
    { kind: 'abduction', answer: '1' },
    { kind: 'induction', answer: 'def f(x):\n  return x' },
  ] as const)('never enters the sandbox: $kind', async ({ kind, answer }) => {
    const calls: unknown[] = []
    const spied = new Proxy(sandbox(), {
      get: (target, name: keyof Sandbox) => {
        const method = target[name] as (...args: unknown[]) => unknown
        return (...args: unknown[]) => {
          calls.push(args)
          return method(...args)
        }
      },
    })
    const expected = [`'${sentinel}'`, `'${sentinel}'`]
    const inputs = kind === 'induction' ? ['1', '2'] : []
    const question = { ...base, kind, answer, inputs, expected }
    expect(await judgeBy(spied, question)).toMatchObject({ type: 'judged', right: 0 })
    expect(calls.length).toBeGreaterThan(0)
    expect(JSON.stringify(calls)).not.toContain(sentinel)
  })

  test('a lost sandbox leaves the answer ungraded', async () => {
    const [given] = await sandbox().execute({ program: 'x', inputs: ['1'], limits })
    const lost = [{ ...given, outcome: 'ungraded', error: 'gone' }]
    const broken = { ...sandbox(), execute: async () => lost } as Sandbox
    expect(await judgeBy(broken, { ...base, kind: 'abduction', answer: '3' })).toMatchObject({
      type: 'judged',
      right: 0,
      isUngraded: true,
      reason: 'ungraded: gone',
    })
  })

  test.each([
    ['deduction', 'readLiteral'],
    ['abduction', 'readArguments'],
    ['induction', 'inspect'],
  ] as const)(
    'a text of %s that crashes its reader is ungraded, a lost sandbox is an error',
    async (kind, read) => {
      const asking = (error: Error) => {
        const broken = { ...sandbox(), [read]: () => Promise.reject(error) } as Sandbox
        return judgeBy(broken, { ...base, kind, answer: '3' })
      }
      const ungraded = { type: 'judged', right: 0, isUngraded: true, reason: 'ungraded: killed' }
      expect(await asking(new TextUnread('text-unread', 'killed'))).toMatchObject(ungraded)
      await expect(asking(new SandboxGone('sandbox-gone', 'gone'))).rejects.toThrow('gone')
    },
  )
})
