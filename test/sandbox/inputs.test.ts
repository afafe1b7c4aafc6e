/** How a program is called, and that it finds nothing of the programs before it. */
import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { echo, holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { run, runAll } = holdSandbox()

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

  test('any other call is evaluated after the program, and can use it', async () => {
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

  test('inf and nan are numbers in every input, self is a name, and a lone CR ends a line', async () => {
    const inputs = [
      'inf, len("ab")',
      '[-inf, nan], len("a")',
      'self=1+0',
      'self=1',
      '1,\r2',
      '1,\r\n2,\rlen("a")',
      '[inf for inf in [len("a")]]',
      '(lambda inf: inf)(2)',
    ]
    const found = await runAll(`inf = 5\n${echo}`, inputs)
    expect(found.map(({ output, error }) => output ?? error)).toEqual([
      '((inf, 2), {})',
      '(([-inf, nan], 1), {})',
      "((), {'self': 1})",
      "((), {'self': 1})",
      '((1, 2), {})',
      '((1, 2, 1), {})',
      '(([1],), {})',
      '((2,), {})',
    ])
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

  test('a program sees an empty environment, an empty input and the usual recursion limit', async () => {
    const program = `import os, sys
def f(x):
  print("dropped")
  return __name__, dict(os.environ), os.getcwd(), sys.stdin.read(), sys.getrecursionlimit()`
    expect((await run(program)).output).toBe("('__program__', {}, '/', '', 1000)")
  })

  test('a program is a module: data classes, type hints, pickles and its text are found', async () => {
    const program = `"""What it is."""
from __future__ import annotations
import copy, dataclasses, enum, pickle, sys, typing
@dataclasses.dataclass
class Node:
  value: int
  next: "Node" = None
  kind: typing.ClassVar[str] = "node"
class Colour(enum.Enum):
  RED = 1
def f(x: int) -> Node:
  node = pickle.loads(pickle.dumps(Node(x, Node(2))))
  hints = sorted(typing.get_type_hints(Node)), typing.get_type_hints(f)["return"] is Node
  return (node.next.value, node == Node(x, Node(2)), [one.name for one in dataclasses.fields(Node)],
          hints, pickle.loads(pickle.dumps(Colour.RED)) is Colour.RED, __doc__, Node.__module__,
          sys.modules[__name__].Node is Node, copy.deepcopy(node).value)`
    expect((await run(program)).output).toBe(
      "(2, True, ['value', 'next'], (['kind', 'next', 'value'], True), True, 'What it is.', " +
        "'__program__', True, 1)",
    )
    expect((await run('def f(x):\n  return __doc__')).output).toBe('None')
  })

  test.skipIf(!existsSync('/usr/share/zoneinfo/Asia/Tokyo'))('time zones are found', async () => {
    const program = `from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones
def f(name):
  assert name in available_timezones()
  return datetime(2024, 7, 1, 12, tzinfo=ZoneInfo(name)).isoformat()`
    const found = await runAll(program, ["'UTC'", "'Asia/Tokyo'"])
    expect(found.map(({ output }) => output)).toEqual([
      "'2024-07-01T12:00:00+00:00'",
      "'2024-07-01T12:00:00+09:00'",
    ])
  })

  test('recursion goes as deep as in a script', async () => {
    const program = 'def r(n):\n  return n and 1 + r(n - 1)\ndef f(x):\n  return r(x)'
    const [found] = await runAll(program, ['990'])
    expect(found?.output).toBe('990')
  })

  test('jobs at the same time do not mix', async () => {
    const found = await Promise.all(
      Array.from({ length: 20 }, (_, i) => run('def f(x):\n  return x * 2', String(i))),
    )
    expect(found.map(({ output }) => output)).toEqual(found.map((_, i) => String(i * 2)))
  })
})
