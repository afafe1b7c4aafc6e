/** The outcomes of programs. Limits are tested in limits.test.ts. */
import { describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { echo, holdSandbox, limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { run, runAll, value } = holdSandbox()

describe('outcomes', () => {
  test('returned has display and canonical text, and the cost', async () => {
    const found = await run('def f(x):\n  return {"b": x, "a": [x, None]}', '2')
    expect(found).toMatchObject({
      outcome: 'returned',
      output: "{'b': 2, 'a': [2, None]}",
      canonical: "{'a':[2,None],'b':2}",
      error: null,
      literal: true,
      inputCanonical: '(2;)',
    })
    expect(found.cpuMs).toBeGreaterThanOrEqual(0)
    expect(found.peakMemoryBytes).toBeGreaterThan(1 << 20)
  })

  test('a counter in a global is the same in every run, because each starts fresh', async () => {
    const program = 'n = 0\ndef f(x):\n  global n\n  n += 1\n  return x + n'
    const found = await runAll(program, ['1', '1', '2'])
    expect(found.map(({ outcome, output }) => [outcome, output])).toEqual([
      ['returned', '2'],
      ['returned', '2'],
      ['returned', '3'],
    ])
  })

  test.each([
    ['1 / 0', 'ZeroDivisionError'],
    ['__import__("sys").exit(0)', 'SystemExit'],
    ['(_ for _ in ()).throw(KeyboardInterrupt)', 'KeyboardInterrupt'],
    ['(_ for _ in ()).throw(GeneratorExit)', 'GeneratorExit'],
    ['(_ for _ in ()).throw(type("Mine", (Exception,), {})("secret"))', 'Mine'],
    ['f(x)', 'RecursionError'],
    ['input()', 'EOFError'],
    ['[][0]', 'IndexError'],
  ])('raised: %s', async (expression, error) => {
    expect(await value(expression)).toMatchObject({
      outcome: 'raised',
      error,
      output: null,
      canonical: null,
    })
  })

  test('raised at import time, and in the evaluation of an input', async () => {
    expect(await run('x = 1 / 0\ndef f(x):\n  return x')).toMatchObject({ outcome: 'raised' })
    expect(await run(echo, 'undefined_name')).toMatchObject({
      outcome: 'raised',
      error: 'NameError',
      literal: false,
    })
  })

  test('the class of an exception is reported, not its message or overridden methods', async () => {
    const program = `class Loud(Exception):
  def __str__(self): raise SystemExit
  __repr__ = __str__
def f(x): raise Loud("secret")`
    expect(await run(program)).toMatchObject({ outcome: 'raised', error: 'Loud' })
  })

  test.each([
    ['order of a set of strings', 'list({"a", "b", "c", "d", "e", "f", "g"})'],
    ['id', 'id(object())'],
    ['hash of a string', 'hash("abc")'],
    ['random', '__import__("random").random()'],
    ['time', '__import__("time").time()'],
    ['pid', '__import__("os").getpid()'],
    ['urandom', '__import__("os").urandom(8)'],
  ])('nondeterministic: %s', async (_, expression) => {
    expect(await value(expression)).toMatchObject({ outcome: 'nondeterministic', output: null })
  })

  test('nondeterministic: returned under one hash seed, raised under the other', async () => {
    const { output } = await value('hash("abc")', { runs: 1 })
    expect(await value(`1 // (hash("abc") - ${output})`)).toMatchObject({
      outcome: 'nondeterministic',
    })
  })

  test('a single run does not notice it', async () => {
    expect(await value('id(object())', { runs: 1 })).toMatchObject({ outcome: 'returned' })
  })

  test('the same set in another order is the same value', async () => {
    const found = await value('{"a", "b", "c", "d", "e", "f"}')
    expect(found).toMatchObject({
      outcome: 'returned',
      output: "{'a', 'b', 'c', 'd', 'e', 'f'}",
    })
  })

  test.each([
    ['syntax', 'def f(x) return x', '1', 'SyntaxError'],
    ['return outside', 'return 1\ndef f(x): pass', '1', 'SyntaxError'],
    ['no f', 'def g(x):\n  return x', '1', 'no f'],
    ['open bracket in the input', echo, '(1', 'input: SyntaxError'],
    ['a second call in the input', echo, '1) + f(2', 'input: SyntaxError'],
    ['a comment that hides the bracket', echo, '1) #', 'input: SyntaxError'],
    ['a name twice', echo, 'a=1, a=2', 'keyword argument repeated'],
    ['two statements', echo, '1); import os; (2', 'input: SyntaxError'],
    ['a function', 'def f(x):\n  return f', '1', 'value outside the domain: function'],
    ['a generator', 'def f(x):\n  yield 1', '1', 'value outside the domain: generator'],
    ['an instance', 'class A: pass\ndef f(x):\n  return [A()]', '1', 'outside the domain: A'],
    ['ellipsis', 'def f(x):\n  return ...', '1', 'value outside the domain: ellipsis'],
    ['too deep', 'def f(x):\n  x = []\n  x.append(x)\n  return x', '1', 'nested deeper than 150'],
    ['4301 digits', 'def f(x):\n  return 10 ** 4300', '1', '4300 digits'],
    [
      'a look into another process',
      'import ctypes\ndef f(x):\n  ctypes.CDLL(None).ptrace(16, 1, 0, 0)',
      '1',
      'forbidden system call',
    ],
  ])('rejected: %s', async (_, program, input, error) => {
    const found = await run(program, input)
    expect(found).toMatchObject({ outcome: 'rejected', output: null, canonical: null })
    expect(found.error).toContain(error)
  })

  test.each([
    ['a process', 'os.fork()'],
    ['another program', 'subprocess.run(["true"])'],
    ['a socket', 'socket.socket()'],
    ['a pool', 'multiprocessing.Pool(1)'],
    ['a socket between two', 'socket.socketpair()[0].send(b"x")'],
    ['a connection', 'asyncio.run(asyncio.open_connection("127.0.0.1", 80))'],
    ['a file to write', 'open("x", "w")'],
    ['a folder', 'os.mkdir("/x")'],
    ['a signal to others', 'os.kill(1, 9)'],
  ])('refused, and the program continues: %s', async (_, expression) => {
    const program = `import asyncio, multiprocessing, os, socket, subprocess
def f(x):
  try:
    return ${expression}
  except OSError as error:
    return type(error).__name__`
    expect((await run(program)).output).toBe("'PermissionError'")
  })

  test('asyncio tasks run', async () => {
    const program = `import asyncio
async def g(n):
  await asyncio.sleep(0.01)
  return n * 2
async def main(x):
  return await asyncio.gather(*map(g, range(x)))
def f(x):
  return asyncio.run(main(x))`
    expect((await run(program, '3')).output).toBe('[0, 2, 4]')
  })

  test('a thread and a shell do not start', async () => {
    const program = `import os, threading
def f(x):
  try:
    threading.Thread(target=print).start()
  except RuntimeError as error:
    return str(error), os.system("true") != 0`
    expect((await run(program)).output).toBe('("can\'t start new thread", True)')
  })

  test('one bad input does not affect the others', async () => {
    const found = await runAll('def f(x):\n  return x', ['1', '(', '3'])
    expect(found.map(({ outcome, output }) => output ?? outcome)).toEqual(['1', 'rejected', '3'])
  })

  test.each([
    ['exit', 'import os\ndef f(x):\n  os._exit(0)', 'no answer'],
    ['segfault', 'import ctypes\ndef f(x):\n  ctypes.string_at(0)', 'signal 11'],
  ])('crashed: %s', async (_, program, error) => {
    const found = await run(program)
    expect(found).toMatchObject({ outcome: 'crashed', error, output: null })
  })

  test('a crash only affects its own input', async () => {
    const program = 'import os\ndef f(x):\n  if x == 2: os._exit(0)\n  return x'
    const found = await runAll(program, ['1', '2', '3'])
    expect(found.map(({ output, outcome }) => output ?? outcome)).toEqual(['1', 'crashed', '3'])
  })

  test('ungraded after a stop, and an aborted job throws', async () => {
    const other = await startSandbox({ python, workers: 1 })
    const job = { program: echo, inputs: ['1'], limits }
    await expect(other.execute(job, AbortSignal.abort())).rejects.toThrow()
    expect(other.pids()).toHaveLength(3)
    await other.stop()
    expect(other.pids()).toHaveLength(0)
    expect(await other.execute(job)).toMatchObject([{ outcome: 'ungraded', output: null }])
  })

  test('a missing Python is reported at the start', async () => {
    const started = startSandbox({ python: '/no/such/python', workers: 1 })
    await expect(started).rejects.toThrow('azr doctor')
  })
})
