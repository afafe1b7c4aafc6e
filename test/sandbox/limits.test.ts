/** The limits of a program, and its outcome if it exceeds them. */
import { describe, expect, test, vi } from 'vitest'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { run, runAll, value } = holdSandbox()

describe('outcomes', () => {
  test.each([
    ['busy', 'def f(x):\n  while True: pass'],
    ['asleep', 'import time\ndef f(x):\n  time.sleep(60)'],
    ['at import', 'while True: pass\ndef f(x): pass'],
    ['in one C call', 'def f(x):\n  return sum(range(10 ** 12))'],
  ])('timedOut: %s', async (_, program) => {
    const found = await run(program, '1', { timeoutMs: 200 })
    expect(found).toMatchObject({ outcome: 'timedOut', output: null, cpuMs: 200 })
  })

  test('a timeout only affects its own input', async () => {
    const program = 'def f(x):\n  while x == 2: pass\n  return x'
    const found = await runAll(program, ['1', '2', '3'], { timeoutMs: 300 })
    expect(found.map(({ outcome }) => outcome)).toEqual(['returned', 'timedOut', 'returned'])
  })

  test.each(['"x" * 10 ** 10', 'len(bytearray(10 ** 9))', 'list(range(10 ** 9))'])(
    'memoryExceeded: %s',
    async expression => {
      const found = await value(expression, { timeoutMs: 5000, memoryMb: 256 })
      expect(found).toMatchObject({ outcome: 'memoryExceeded', output: null })
    },
  )

  test.each(['"x" * 65535', '[0] * 30000', '["é"] * 20000', '{i: i for i in range(20000)}'])(
    'outputTooLong: %s',
    async expression => {
      expect(await value(expression)).toMatchObject({ outcome: 'outputTooLong', output: null })
    },
  )

  test('the limit of the output counts bytes of the display text, including quotes', async () => {
    const limit = { maxOutputBytes: 10 }
    expect(await value('"x" * 8', limit)).toMatchObject({ outcome: 'returned' })
    expect(await value('"x" * 9', limit)).toMatchObject({ outcome: 'outputTooLong' })
    expect(await value('"é" * 4', limit)).toMatchObject({ outcome: 'returned' })
    expect(await value('"é" * 5', limit)).toMatchObject({ outcome: 'outputTooLong' })
  })

  test('a canonical text that is far longer than its display text counts too', async () => {
    // As an integer 1e308 has 309 digits, so thirty such answers would not fit into a frame.
    const program = 'def f(x):\n  return [1e308] * 8000'
    const found = await runAll(program, Array(30).fill('1'))
    expect(new Set(found.map(({ outcome }) => outcome))).toEqual(new Set(['outputTooLong']))
  })
})
