/**
 * Programs that share a child: sharing never changes a result, and a slow or large one delays
 * nobody.
 */
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Sandbox } from '../../domain/execution.ts'
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let sandbox: Sandbox | undefined
afterEach(() => sandbox?.stop())

const start = async (options: Partial<SandboxOptions> = {}) => {
  sandbox = await startSandbox({ python, workers: 1, ...options })
  return sandbox
}
const runAll = (programs: string[], timeoutMs = 1000) =>
  Promise.all(
    programs.map(async program => {
      const job = { program, inputs: ['3'], limits: { ...limits, timeoutMs } }
      const [found] = await (sandbox as Sandbox).execute(job)
      return found?.output ?? found?.outcome
    }),
  )
const square = (i: number) => `def f(x):\n  return x * x + ${i}`
const many = Array.from({ length: 60 }, (_, i) => square(i))
const squares = many.map((_, i) => String(9 + i))

describe('a batch', () => {
  test('needs fewer children than programs, and each program has its own answer', async () => {
    await start({ auditOneIn: 0 })
    expect(await runAll(many)).toEqual(squares)
    const { shared, batches } = sandbox!.metrics()
    expect(shared).toBe(120)
    expect(batches).toBeLessThan(60)
  })

  test('gives the same results as each program alone', async () => {
    await start({ sharing: 1 })
    expect(await runAll(many.slice(0, 10))).toEqual(squares.slice(0, 10))
    expect(sandbox!.metrics()).toMatchObject({ shared: 0, alone: 20 })
  })

  test('continues around programs that never end, use up memory, or die', async () => {
    await start()
    const bad = [
      'def f(x):\n  while True: pass',
      'def f(x):\n  return len([0] * 10 ** 9)',
      'def f(x):\n  return f(x)',
      'def f(x):\n  return "a" * 10 ** 6',
    ]
    const found = await runAll([...many.slice(0, 5), ...bad, ...many.slice(5, 10)], 300)
    expect(found).toEqual([
      ...squares.slice(0, 5),
      'timedOut',
      'memoryExceeded',
      'raised',
      'outputTooLong',
      ...squares.slice(5, 10),
    ])
  })

  test('an endless program costs its limit once', async () => {
    await start()
    const begun = performance.now()
    expect(await runAll(['def f(x):\n  while True: pass'], 1000)).toEqual(['timedOut'])
    // It runs once, in the first lane. A second run would cost another second of CPU time.
    expect(sandbox!.metrics()).toMatchObject({ anomalies: 1, alone: 1, shared: 0 })
    expect(performance.now() - begun).toBeGreaterThan(1000)
  })

  test('memory that programs leave in cycles is free for the next ones', async () => {
    await start({ auditOneIn: 0 })
    const leave = 'def f(x):\n  a = [bytes(10 ** 8)]\n  a.append(a)\n  return x'
    const found = await runAll(Array.from({ length: 12 }, (_, i) => `${leave}\n# ${i}`))
    expect(new Set(found)).toEqual(new Set(['3']))
    // Together they leave more than the limit. A program that met it would have run again alone.
    expect(sandbox!.metrics()).toMatchObject({ shared: 24, alone: 0, anomalies: 0 })
  })

  test('only the program that ran out of memory runs again', async () => {
    await start({ auditOneIn: 0 })
    const bad = 'def f(x):\n  return len([0] * 10 ** 9)'
    const found = await runAll([...many.slice(0, 5), bad, ...many.slice(5, 10)])
    expect(found.toSpliced(5, 1)).toEqual(squares.slice(0, 10))
    expect(found[5]).toBe('memoryExceeded')
    expect(sandbox!.metrics()).toMatchObject({ shared: 20, alone: 2, anomalies: 2 })
  })

  test.each([
    ['except:\n    return "caught"', "'caught'"],
    ['except Exception:\n    return "caught"', "'caught'"],
    ['finally:\n    return "hidden"', "'hidden'"],
  ])('no program notices in a batch that memory ran out, by %j', async (handler, said) => {
    await start({ auditOneIn: 0 })
    const bad = `def f(x):\n  try:\n    return len([0] * 10 ** 9)\n  ${handler}`
    const found = await runAll([...many.slice(0, 5), bad, ...many.slice(5, 10)])
    expect(found).toEqual(squares.slice(0, 10).toSpliced(5, 0, said))
    expect(sandbox!.metrics()).toMatchObject({ shared: 20, alone: 2, anomalies: 2, mismatches: 0 })
  })

  test('a share is run again alone, with the same results', async () => {
    await start({ auditOneIn: 2 })
    expect(await runAll(many)).toEqual(squares)
    expect(sandbox!.metrics().audited).toBeGreaterThan(10)
    expect(sandbox!.metrics().mismatches).toBe(0)
  })

  test('programs that run once are audited too', async () => {
    await start({ auditOneIn: 1 })
    const jobs = many.slice(0, 20).map(program => ({ program, inputs: ['3'] }))
    const once = { ...limits, runs: 1 } as const
    await Promise.all(jobs.map(job => sandbox!.execute({ ...job, limits: once })))
    expect(sandbox!.metrics()).toMatchObject({ shared: 20, alone: 20, audited: 20, mismatches: 0 })
  })

  test.each([1, 2] as const)(
    'a neighbour that the screen missed is found, in %i runs: all run alone for a while',
    async runs => {
      // Without this layer, programs that the screen would keep apart share a child.
      await start({ auditOneIn: 1, without: ['alone'] })
      const act = async (programs: string[]) => {
        const jobs = programs.map(program => ({ program, inputs: ['3'] }))
        const all = jobs.map(job => sandbox!.execute({ ...job, limits: { ...limits, runs } }))
        return (await Promise.all(all)).map(([found]) => found?.output)
      }
      const bad = 'import math\nmath.pi = 3\ndef f(x):\n  return x'
      const pi = 'import math\ndef f(x):\n  return math.pi'
      const found = await act([bad, pi, pi, bad, pi])
      const right = '3.141592653589793'
      expect(found).toEqual(['3', right, right, '3', right])
      const { mismatches, shared } = sandbox!.metrics()
      expect(mismatches).toBeGreaterThan(0)
      await act(many)
      expect(sandbox!.metrics().shared).toBe(shared)
      // After 256 programs they share a child again.
      for (let i = 0; i < 5 && sandbox!.metrics().shared === shared; i++) await act(many)
      expect(sandbox!.metrics().shared).toBeGreaterThan(shared)
    },
  )

  test('a program whose tree is too deep to check runs alone', async () => {
    await start({ auditOneIn: 0 })
    expect(await runAll([`def f(x):\n  return ${'x + '.repeat(1500)}x`])).toEqual(['4503'])
    expect(sandbox!.metrics()).toMatchObject({ shared: 0, alone: 2 })
  })

  test('programs that use shared state run alone', async () => {
    await start()
    const wild = [
      'import math\nmath.pi = 3\ndef f(x):\n  return math.pi',
      'import random\nrandom.seed(1)\ndef f(x):\n  return x',
      'def f(x):\n  __builtins__\n  return x',
      'import typing\ndef f(x):\n  return typing.get_type_hints(f)',
      'from enum import IntEnum\nIntEnum._convert_\ndef f(x):\n  return 1',
    ]
    await runAll(wild)
    expect(sandbox!.metrics()).toMatchObject({ shared: 0, alone: 10 })
  })
})

describe('inputs of one job', () => {
  test('share a child if the program is in the small language', async () => {
    await start({ auditOneIn: 0 })
    const inputs = Array.from({ length: 8 }, (_, i) => String(i))
    const program = 'seen = []\ndef f(x):\n  seen.append(x)\n  return seen'
    const found = await sandbox!.execute({ program, inputs, limits })
    expect(found.map(({ output }) => output)).toEqual(inputs.map(text => `[${text}]`))
    expect(sandbox!.metrics()).toMatchObject({ shared: 16, alone: 0, batches: 2 })
  })

  test('do not see what an earlier one did to a module', async () => {
    await start()
    const program = `import math, sys, builtins
def f(x):
  before = math.pi, len("abc"), getattr(sys, "mark", None)
  math.pi, sys.mark, builtins.len = 3, x, lambda _: 0
  return before`
    const found = await sandbox!.execute({ program, inputs: ['1', '2', '3'], limits })
    expect(new Set(found.map(({ output }) => output))).toEqual(
      new Set(['(3.141592653589793, 3, None)']),
    )
  })
})
