import { describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/paths.ts'
import { holdSandbox, limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox, run, runAll, value } = holdSandbox()
const echo = 'def f(*positional, **keywords):\n  return positional, keywords'

describe('outcomes', () => {
  test('returned gives display and canonical text, and what it cost', async () => {
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

  test('the class of an exception is told, its message and what it overrides are not', async () => {
    const program = `class Loud(Exception):
  def __str__(self): raise SystemExit
  __repr__ = __str__
def f(x): raise Loud("secret")`
    expect(await run(program)).toMatchObject({ outcome: 'raised', error: 'Loud' })
  })

  test.each([
    ['busy', 'def f(x):\n  while True: pass'],
    ['asleep', 'import time\ndef f(x):\n  time.sleep(60)'],
    ['at import', 'while True: pass\ndef f(x): pass'],
    ['in one C call', 'def f(x):\n  return sum(range(10 ** 12))'],
  ])('timedOut: %s', async (_, program) => {
    const found = await run(program, '1', { timeoutMs: 200 })
    expect(found).toMatchObject({ outcome: 'timedOut', output: null, cpuMs: 200 })
  })

  test('a timeout takes its own input only', async () => {
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

  test('the limit of the output counts bytes of the display text, quotes too', async () => {
    const limit = { maxOutputBytes: 10 }
    expect(await value('"x" * 8', limit)).toMatchObject({ outcome: 'returned' })
    expect(await value('"x" * 9', limit)).toMatchObject({ outcome: 'outputTooLong' })
    expect(await value('"é" * 4', limit)).toMatchObject({ outcome: 'returned' })
    expect(await value('"é" * 5', limit)).toMatchObject({ outcome: 'outputTooLong' })
  })

  test('a canonical text that is far longer than its display text counts too', async () => {
    // Written as an integer, 1e308 has 309 digits: thirty such answers would not fit a frame.
    const program = 'def f(x):\n  return [1e308] * 8000'
    const found = await runAll(program, Array(30).fill('1'))
    expect(new Set(found.map(({ outcome }) => outcome))).toEqual(new Set(['outputTooLong']))
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

  test('one run does not see it', async () => {
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
    ['a process', 'import os\ndef f(x):\n  return os.fork()', '1', 'forbidden system call'],
    ['a socket', 'import socket\ndef f(x):\n  socket.socket()', '1', 'forbidden system call'],
    ['a shell', 'import os\ndef f(x):\n  os.system("true")', '1', 'forbidden system call'],
  ])('rejected: %s', async (_, program, input, error) => {
    const found = await run(program, input)
    expect(found).toMatchObject({ outcome: 'rejected', output: null, canonical: null })
    expect(found.error).toContain(error)
  })

  test('one bad input leaves the others be', async () => {
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

  test('a crash takes its own input only', async () => {
    const program = 'import os\ndef f(x):\n  if x == 2: os._exit(0)\n  return x'
    const found = await runAll(program, ['1', '2', '3'])
    expect(found.map(({ output, outcome }) => output ?? outcome)).toEqual(['1', 'crashed', '3'])
  })

  test('ungraded after a stop, and a job that was given up throws', async () => {
    const other = await startSandbox({ python, workers: 1 })
    const job = { program: echo, inputs: ['1'], limits }
    await expect(other.execute(job, AbortSignal.abort())).rejects.toThrow()
    expect(other.pids()).toHaveLength(3)
    await other.stop()
    expect(other.pids()).toHaveLength(0)
    expect(await other.execute(job)).toMatchObject([{ outcome: 'ungraded', output: null }])
  })

  test('a Python that is not there is said at the start', async () => {
    const started = startSandbox({ python: '/no/such/python', workers: 1 })
    await expect(started).rejects.toThrow('azr doctor')
  })
})

describe('inputs', () => {
  test('positional, keyword and multi-line inputs', async () => {
    const inputs = ['', '1, 2', 'a=1, b=[2]', '1, k=2', '[\n  1,\n  2,\n]', '(1,)', '1,']
    const found = await runAll(echo, inputs)
    expect(found.map(({ output }) => output)).toEqual([
      '((), {})',
      '((1, 2), {})',
      "((), {'a': 1, 'b': [2]})",
      "((1,), {'k': 2})",
      '(([1, 2],), {})',
      '(((1,),), {})',
      '((1,), {})',
    ])
    expect(found.every(({ literal }) => literal)).toBe(true)
  })

  test('the canonical text of an input ignores spelling and the order of names', async () => {
    const [one, two, other] = await runAll(echo, ['1.0, b=2, a=3', 'True,a=3,b=2', '1, a=2, b=3'])
    expect(one?.inputCanonical).toBe(two?.inputCanonical)
    expect(one?.inputCanonical).not.toBe(other?.inputCanonical)
  })

  test('any other call is evaluated after the program, where it can use it', async () => {
    const program = 'def g(x):\n  return x * 2\ndef f(*a, **k):\n  return a, k'
    const inputs = [
      'g(21)',
      '*range(3)',
      '**{"a": 1}',
      'x := 5',
      '[i for i in "ab"]',
      '10**400 + 1j',
    ]
    const found = await runAll(program, inputs)
    expect(found.map(({ output, error }) => output ?? error)).toEqual([
      '((42,), {})',
      '((0, 1, 2), {})',
      "((), {'a': 1})",
      '((5,), {})',
      "((['a', 'b'],), {})",
      'OverflowError',
    ])
    expect(found.some(({ literal, inputCanonical }) => literal || inputCanonical)).toBe(false)
  })

  test('every input meets a fresh program and fresh values', async () => {
    const program = `seen = []
def f(x, more=[]):
  global seen
  x.append(1)
  seen.append(1)
  more.append(1)
  f.calls = getattr(f, "calls", 0) + 1
  return x, len(seen), len(more), f.calls`
    const found = await runAll(program, ['[]', '[]', '[]'])
    expect(found.map(({ output }) => output)).toEqual(Array(3).fill('([1], 1, 1, 1)'))
  })

  test('a job leaves nothing for the next one', async () => {
    await run('import math, builtins\nmath.pi = 3\nbuiltins.len = None\ndef f(x):\n  return 1')
    const found = await run('import math\ndef f(x):\n  return math.pi > 3.1, len(x)', '"abc"')
    expect(found.output).toBe('(True, 3)')
  })

  test('what a program sees of the world', async () => {
    const program = `import os, sys
def f(x):
  print("dropped")
  return __name__, dict(os.environ), os.getcwd(), sys.stdin.read(), sys.getrecursionlimit()`
    expect((await run(program)).output).toBe("('__program__', {}, '/', '', 1000)")
  })

  test('jobs at the same time do not mix', async () => {
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, i) => run('def f(x):\n  return x * 2', String(i))),
    )
    expect(found.map(({ output }) => output)).toEqual(found.map((_, i) => String(i * 2)))
  })
})

describe('texts of values', () => {
  test('display keeps the order of insertion, canonical does not', async () => {
    const one = await value('{"b": 1, "a": {"z": 1, "y": 2}}')
    const two = await value('{"a": {"y": 2, "z": 1}, "b": 1}')
    expect(one.output).toBe("{'b': 1, 'a': {'z': 1, 'y': 2}}")
    expect(two.output).toBe("{'a': {'y': 2, 'z': 1}, 'b': 1}")
    expect(one.canonical).toBe(two.canonical)
  })

  test.each([
    ['1', 'True'],
    ['1', '1.0'],
    ['1', '(1+0j)'],
    ['0', '-0.0'],
    ['0', 'False'],
    ['[1, [True]]', '[1.0, [1]]'],
    ['{1: "a"}', '{True: "a"}'],
    ['{1, 2, 3}', '{3, 2, 1}'],
    ['{1, 2}', 'frozenset([2, 1])'],
    ['set()', 'frozenset()'],
    ['{"a": {"b": 1, "c": 2}}', '{"a": {"c": 2, "b": 1}}'],
    ['float("nan")', '-float("nan")'],
    ['1e22', '10 ** 22'],
    ['2 ** 53 + 0.0', '2 ** 53'],
    ['"\\u00e9"', 'chr(233)'],
    ['__import__("collections").OrderedDict(a=1)', '{"a": 1}'],
    ['__import__("collections").Counter("aab")', '{"b": 1, "a": 2}'],
    ['type("L", (list,), {"__iter__": lambda s: iter([9])})([1])', '[1]'],
    ['type("S", (str,), {"__repr__": lambda s: "x"})("a")', '"a"'],
  ])('%s equals %s', async (one, two) => {
    const [first, second] = await Promise.all([value(one), value(two)])
    expect(first.outcome).toBe('returned')
    expect(first.canonical).toBe(second.canonical)
  })

  test.each([
    ['1', '"1"'],
    ['(1, 2)', '[1, 2]'],
    ['(1,)', '1'],
    ['()', '[]'],
    ['set()', '{}'],
    ['{1: 2}', '{(1, 2)}'],
    ['None', '"None"'],
    ['None', 'False'],
    ['"a"', 'b"a"'],
    ['float("inf")', '-float("inf")'],
    ['float("inf")', 'float("nan")'],
    ['float("inf")', '10 ** 400'],
    ['2 ** 53 + 1', '2.0 ** 53'],
    ['0.1 + 0.2', '0.3'],
    ['"\\u00e9"', '"e\\u0301"'],
    ['["a,b"]', '["a", "b"]'],
    ['["a\', \'b"]', '["a", "b"]'],
    ['[[1], 2]', '[1, [2]]'],
  ])('%s differs from %s', async (one, two) => {
    const [first, second] = await Promise.all([value(one), value(two)])
    expect([first.outcome, second.outcome]).toEqual(['returned', 'returned'])
    expect(first.canonical).not.toBe(second.canonical)
  })

  test.each([
    '[1.0, True, None, -0.0]',
    '[inf, -inf, nan]',
    '{1, 2, 3}',
    'set()',
    'frozenset({1})',
    '(1,)',
    '()',
    "{'b': b'\\x00', 'a': 'é\\n'}",
    "'\\ud800'",
    '"it\'s"',
    'complex(1.0, inf)',
    '(1+2j)',
    '1e+308',
  ])('display %s is a literal that reads back as it was', async text => {
    const program = 'from math import inf, nan\ndef f(x):\n  return x'
    const found = await run(program, text)
    expect(found.output).toBe(text)
    expect(await sandbox().readLiteral(text)).toMatchObject({
      ok: true,
      canonical: found.canonical,
      display: text,
    })
  })
})
