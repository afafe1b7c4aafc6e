/** One sandbox for a test file, with short ways to call it. */
import { afterAll, beforeAll, expect } from 'vitest'
import type { Execution, Limits, Sandbox } from '../../domain/execution.ts'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'

export const limits: Limits = {
  timeoutMs: 1000,
  memoryMb: 512,
  maxOutputBytes: 65536,
  runs: 2,
}

/** Returns what it was called with. */
export const echo = 'def f(*positional, **keywords):\n  return positional, keywords'

/** Starts before the file's first test, stops after its last. */
export function holdSandbox(workers = 1) {
  let held: Sandbox | undefined
  beforeAll(async () => {
    held = await startSandbox({ python, workers })
  })
  afterAll(() => held?.stop())

  const sandbox = (): Sandbox => {
    if (!held) throw new Error('The sandbox is there only inside a test')
    return held
  }
  const runAll = (program: string, inputs: string[], changes: Partial<Limits> = {}) =>
    sandbox().execute({ program, inputs, limits: { ...limits, ...changes } })
  const run = async (program: string, input = '1', changes: Partial<Limits> = {}) => {
    const [found] = await runAll(program, [input], changes)
    return found as Execution
  }
  /** Runs `return EXPRESSION`. */
  const value = (expression: string, changes: Partial<Limits> = {}) =>
    run(`def f(x):\n  return ${expression}`, '1', changes)
  /** Checks that the sandbox still works, and that earlier programs left nothing behind. */
  const expectHealthy = async () => {
    const found = await runAll('def f(x, y=1):\n  return sorted([len(x), y])', ['"abc"', '[], y=0'])
    expect(found.map(({ outcome, output }) => [outcome, output])).toEqual([
      ['returned', '[1, 3]'],
      ['returned', '[0, 0]'],
    ])
  }
  return { sandbox, run, runAll, value, expectHealthy }
}
