/** Values that programs cannot rely on differ between runs. All others are equal. */
import { describe, expect, test, vi } from 'vitest'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const { run, value, sandbox } = holdSandbox()

describe('runs of one program', () => {
  test.each([
    ['the date', '__import__("datetime").date.today().isoformat()'],
    ['the year', '__import__("time").localtime().tm_year'],
    ['the day of the epoch', 'int(__import__("time").time()) // 86400'],
    ['where objects lie', '[id(o) % 4096 for o in [object() for _ in range(9)]]'],
    [
      'their order',
      '(lambda o: sorted(range(20), key=lambda i: id(o[i])))([object() for _ in range(20)])',
    ],
    ['the text of an object', 'repr(object())'],
  ])('differ in %s', async (_, expression) => {
    expect(await value(expression)).toMatchObject({ outcome: 'nondeterministic' })
  })

  test('sleep and wait as long as they ask', async () => {
    const program = `import time, threading
def f(x):
  begun = time.monotonic()
  time.sleep(0.05)
  threading.Event().wait(0.05)
  return 0.09 < time.monotonic() - begun < 5`
    expect((await run(program, '1', { runs: 3 })).output).toBe('True')
  })

  test('are as many as requested, each under another hash seed', async () => {
    const before = sandbox().metrics()
    const found = await value('__import__("os").sep', { runs: 4 })
    expect(found).toMatchObject({ outcome: 'returned', output: "'/'" })
    expect(sandbox().metrics().alone - before.alone).toBe(4)
    // With at least one of five hash seeds another text comes first.
    const first = 'list({"a", "b", "c"})[0]'
    expect(await value(first, { runs: 5 })).toMatchObject({ outcome: 'nondeterministic' })
  })

  test('agree where a program is the same each time', async () => {
    const program = 'def f(x):\n  return sorted({"b", "a"}), {x: [1.5]}, sum(range(x))'
    expect((await run(program, '9', { runs: 5 })).output).toBe("(['a', 'b'], {9: [1.5]}, 36)")
  })
})
