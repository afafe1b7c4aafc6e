/** Programs whose entry has another name, and whole programs with standard input and output. */
import { describe, expect, test, vi } from 'vitest'
import { holdSandbox, limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox } = holdSandbox()

test('an entry with another name, and many inputs', async () => {
  const program = 'def add(a, b=1):\n  return a + b\ndef f(x):\n  return "no"'
  const job = { program, entry: 'add', inputs: ['1', '2, b=3', '"a", "b"', 'add(1)'], limits }
  const found = await sandbox().execute(job)
  expect(found.map(({ output }) => output)).toEqual(['2', '5', "'ab'", '3'])
})

test.each(['g', 'not a name', ''])('a missing entry: %j', async entry => {
  const job = { program: 'def f(x):\n  return x', entry, inputs: ['1'], limits }
  expect(await sandbox().execute(job)).toMatchObject([
    { outcome: 'rejected', error: `no ${entry}` },
  ])
})

describe('scripts', () => {
  const run = async (program: string, stdin = '', changes = {}) => {
    const script = { program, stdins: [stdin], limits: { ...limits, timeoutMs: 500, ...changes } }
    return (await sandbox().runScript(script))[0]
  }

  test.each([
    ['input()', 'print(int(input()) + int(input()))', '1\n2\n', '3\n'],
    [
      'sys.stdin',
      'import sys\nfor line in sys.stdin: print(line.strip()[::-1])',
      'ab\ncd',
      'ba\ndc\n',
    ],
    ['the descriptor', 'import os\nos.write(1, os.read(0, 100).upper())', 'abc', 'ABC'],
    ['open(0)', 'print(len(open(0).read()))', 'x'.repeat(200_000), '200000\n'],
    ['a last word', 'try:\n  1 / 0\nexcept:\n  print("a")\nfinally:\n  print("b")', '', 'a\nb\n'],
    ['its name', 'if __name__ == "__main__": print("main")', '', 'main\n'],
    ['nothing', 'pass', 'unread'.repeat(50_000), ''],
    ['an exit', 'import sys\nprint(1)\nsys.exit(0)\nprint(2)', '', '1\n'],
    ['an exit code', 'import sys\nprint(1)\nsys.exit(1)', '', '1\n'],
    ['exit and quit', 'print(exit is not quit)\nexit("no")', '', 'True\n'],
    ['its arguments', 'import sys\nprint(sys.argv, __file__)', '', "['program.py'] program.py\n"],
    ['what runs at the end', 'import atexit\natexit.register(print, 2)\nprint(1)', '', '1\n2\n'],
    ['a hard exit', 'import os\nprint(1, flush=True)\nos._exit(0)', '', '1\n'],
    ['text', 'print(input())', 'é😀', 'é😀\n'],
  ])('reads and writes: %s', async (_, program, stdin, output) => {
    expect(await run(program, stdin)).toMatchObject({ outcome: 'returned', output })
  })

  test.each([
    ['an exception', '1 / 0', 'raised', 'ZeroDivisionError'],
    ['no more input', 'input()\ninput()', 'raised', 'EOFError'],
    ['a hard exit code', 'import os\nos._exit(3)', 'crashed', 'exit code 3'],
    ['an endless loop', 'while True: pass', 'timedOut', null],
    ['endless output', 'while True: print("x" * 1000)', 'outputTooLong', null],
    ['much memory', 'x = [0] * 10 ** 10', 'memoryExceeded', null],
    ['a process', 'import os\nos.fork()', 'raised', 'PermissionError'],
    ['a syntax error', 'print(', 'rejected', "SyntaxError: '(' was never closed (line 1)"],
    ['hash seeds', 'print(hash("a"))', 'nondeterministic', null],
  ])('fails: %s', async (_, program, outcome, error) => {
    expect(await run(program, 'x')).toMatchObject({ outcome, error, output: null })
  })

  test('each standard input has its own process', async () => {
    const program = 'import math\nprint(math.pi == 3, input())\nmath.pi = 3'
    const found = await sandbox().runScript({ program, stdins: ['a', 'b', 'c'], limits })
    expect(found.map(({ output }) => output)).toEqual(['False a\n', 'False b\n', 'False c\n'])
  })

  test('output up to the limit, and not a byte more', async () => {
    const program = 'print("x" * int(input()), end="")'
    expect(await run(program, '100', { maxOutputBytes: 100 })).toMatchObject({
      outcome: 'returned',
    })
    expect(await run(program, '101', { maxOutputBytes: 100 })).toMatchObject({
      outcome: 'outputTooLong',
    })
  })
})
