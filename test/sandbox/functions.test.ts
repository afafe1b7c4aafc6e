/** Functions with what they need, taken out of a file by the front. Nothing here runs. */
import { expect, test } from 'vitest'
import { holdSandbox } from './hold.ts'

const { sandbox } = holdSandbox()

async function functionsOf(file: string, maxChars = 8000) {
  const found = await sandbox().functionsOf(file, maxChars)
  return found.ok ? found.functions : found.error
}

/** The program or the reason of a function of a file, by default the only one. */
async function only(file: string, name?: string, maxChars?: number): Promise<string> {
  const all = await functionsOf(file, maxChars)
  const found = typeof all === 'string' ? [] : all.filter(one => !name || one.name === name)
  if (found.length !== 1) throw new Error(`${JSON.stringify(all)}`)
  return found[0]?.program ?? found[0]?.reason ?? ''
}

test('a function becomes f, with its calls to itself, without comments and docstrings', async () => {
  const file =
    '"""Of numbers."""\n\ndef power(a: int, n=2) -> int:\n  """Says power."""\n' +
    '  # power of a\n  return 1 if n == 0 else a * power(a, n - 1)  # power\n'
  expect(await functionsOf(file)).toEqual([
    {
      name: 'power',
      line: 3,
      program: 'def f(a: int, n=2) -> int:\n    return 1 if n == 0 else a * f(a, n - 1)',
    },
  ])
})

test('it brings the imports that it needs, and no others', async () => {
  const head =
    'from __future__ import annotations\nimport json, os.path\nfrom math import gcd as g, lcm\n' +
    'from typing import List\n'
  expect(await only(`${head}def f(a: List[int]):\n  return g(*a)`)).toBe(
    'from math import gcd as g\nfrom typing import List\n\ndef f(a: List[int]):\n    return g(*a)',
  )
  expect(await only(`${head}def base(a):\n  import re\n  return os.path.join(a)`)).toBe(
    'import os.path\n\ndef f(a):\n    import re\n    return os.path.join(a)',
  )
})

test.each([
  ['def g(a: Point):\n  return a', 'needs a name that its file does not define'],
  ['def g(a=LIMIT):\n  return a', 'needs a name that its file does not define'],
  ['def g(a):\n  global g\n  return a', 'declares a global name'],
  ['def g(a):\n  return [h(b) for b in a]', 'needs a name that its file does not define'],
  ['def g(a):\n  return __file__', 'needs a name that its file does not define'],
  ['from . import h\ndef g(a):\n  return h(a)', 'needs an import from its own package'],
  ['from h import *\ndef g(a):\n  return h(a)', 'needs a name of a star import'],
  ['class H:\n  pass\ndef g(a):\n  return H()', 'needs a class of its file'],
  ['H = open("x").read()\ndef g(a):\n  return H', 'needs a value that its file computes'],
  ['H = [b for b in "ab"]\ndef g(a):\n  return H', 'needs a value that its file computes'],
  ['H = {}\nH["b"] = 1\ndef g(a):\n  return H', 'needs a value that its file computes'],
  ['H = [1]\nH.pop()\ndef g(a):\n  return H', 'needs a value that its file computes'],
  [
    'try:\n  H = 1\nfinally:\n  pass\ndef g(a):\n  return H',
    'needs a name that its file binds in a block',
  ],
  ['for H in "ab":\n  pass\ndef g(a):\n  return H', 'needs a name that its file binds in a block'],
  [
    'if __name__ == "__main__":\n  H = 1\ndef g(a):\n  return H',
    'needs a name that its file does not define',
  ],
  ['H = 1\nH = 2\ndef g(a):\n  return H', 'needs a name that its file binds twice'],
  ['H = 1\nH += 2\ndef g(a):\n  return H', 'needs a name that its file binds twice'],
  ['H = 1\ndel H\ndef g(a):\n  return H', 'needs a name that its file binds twice'],
  ['from .b import max\ndef g(a):\n  return max(a)', 'needs an import from its own package'],
  ['import numpy as np\ndef g(a):\n  return np.sum(a)', 'imports what is not in the library'],
  ['def g(a):\n  from .h import h\n  return h(a)', 'imports what is not in the library'],
  ['def g():\n  return 1', 'has no parameters'],
  ['def g(a):\n  print(a)', 'returns nothing'],
  ['def g(a):\n  def h():\n    return 1\n  return', 'returns nothing'],
  ['def g(a):\n  yield a\n  return 1', 'is a generator'],
  ['async def g(a):\n  return a', 'is async'],
  ['@cache\ndef g(a):\n  return a', 'has a decorator'],
  ['class C:\n  def g(self):\n    return 1', 'is a method'],
  ['def g(f, a):\n  return f(a)', 'has another use for the name f or its own'],
  ['from m import f\ndef g(a):\n  return f(a)', 'has another use for the name f or its own'],
  ['def g(a):\n  g = a\n  return g', 'has another use for the name f or its own'],
])('%j: %s', async (file, reason) => {
  expect(await only(file)).toBe(reason)
})

test('it brings what it needs of its file, directly or not, in the order of the file', async () => {
  const file = `
import re
from math import gcd
UNUSED = 1
WORD: re.Pattern = re.compile('[a-z]+')  # The first of
LOW, HIGH = 1, 10 * 10

def again(a):
    """Of a helper."""
    return clipped(a) + 1

def g(a):
    again(WORD.findall(a))
    return other(a)

def clipped(a):
    return min(max(a, LOW), TABLE['high'])

TABLE = {'low': LOW, 'high': HIGH}

@cache
def unused(a):
    return gcd(a, 2)
`
  expect(await only(file, 'g')).toBe('needs a name that its file does not define')
  expect(await only(file.replace('other(a)', 'a'), 'g')).toBe(`import re
WORD = re.compile('[a-z]+')
LOW, HIGH = (1, 10 * 10)

def again(a):
    return clipped(a) + 1

def f(a):
    again(WORD.findall(a))
    return a

def clipped(a):
    return min(max(a, LOW), TABLE['high'])
TABLE = {'low': LOW, 'high': HIGH}`)
})

test('a pair of helpers that call each other, and the function itself, are there once', async () => {
  const file =
    'def even(a):\n  return a == 0 or odd(a - 1)\ndef odd(a):\n  return a != 0 and even(a - 1)\n' +
    'def g(a):\n  return even(a)'
  expect((await only(file, 'g')).match(/def \w+/g)).toEqual(['def even', 'def odd', 'def f'])
  expect(await only(file, 'even')).toBe(
    'def f(a):\n    return a == 0 or odd(a - 1)\n\ndef odd(a):\n    return a != 0 and f(a - 1)',
  )
})

test('a helper hides the builtin of its name, as it does in the file', async () => {
  const file = 'def max(a):\n  return 1\ndef g(a):\n  return max(a)'
  expect(await only(file, 'g')).toContain('def max(a):\n    return 1\n')
})

test.each([
  ['is called f', 'def f(a):\n  return a\ndef g(a):\n  return f(a)'],
  ['names it, and has an f of its own', 'def h(f):\n  return g(f)\ndef g(a):\n  return h(a)'],
  [
    'names it, and has its name for something else',
    'def h(a):\n  return (lambda g: g)(a) or g(a)\ndef g(a):\n  return h(a)',
  ],
])('a helper that %s does not come along', async (_, file) => {
  expect(await only(file, 'g')).toBe('has another use for the name f or its own')
})

test('the refusal of what a helper needs is that of the function', async () => {
  const through = (file: string) => only(`${file}\ndef g(a):\n  return h(a)`, 'g')
  expect(await through('import numpy\ndef h(a):\n  return numpy.sum(a)')).toBe(
    'imports what is not in the library',
  )
  expect(await through('def h(a):\n  global x\n  x = a')).toBe('declares a global name')
  expect(await through('class C:\n  pass\ndef h(a):\n  return C')).toBe('needs a class of its file')
  expect(await through('X = 1\ndef h(a):\n  return X\ndef k():\n  global X\n  X = 2')).toBe(
    'needs a name that a function of its file sets',
  )
  expect(await through('def h(a):\n  return 1\ndef h(a):\n  return 2')).toBe(
    'needs a name that its file binds twice',
  )
})

test('what it needs may not make it longer than a program may be', async () => {
  const file = `T = '${'x'.repeat(200)}'\ndef g(a):\n  return T[a]`
  const program = await only(file, 'g')
  expect(await only(file, 'g', program.length)).toBe(program)
  expect(await only(file, 'g', program.length - 1)).toBe('is too long with what it needs')
  expect(await only(file, 'g', 100)).toBe('is too long with what it needs')
  // A text that is too deep fails once, not again for each function that needs it.
  const deep = `T = ${'1 + '.repeat(900)}1\n`
  const many = Array.from({ length: 900 }, (_, i) => `def g${i}(a):\n  return T + a`).join('\n')
  const found = await functionsOf(deep + many)
  expect(new Set((found as { reason: string }[]).map(({ reason }) => reason))).toEqual(
    new Set(['cannot be written as a program']),
  )
})

test('nested functions, classes and builtins are no other code', async () => {
  const body =
    'def g(a, *b):\n  class C:\n    x = len(a)\n  def h(c):\n    return c + C.x\n' +
    '  return [h(d) for d in sorted(b) if (e := d)]'
  expect(await only(body)).toContain('def f(a, *b):')
})

test('a file that is not Python has an error, and the front reads on', async () => {
  expect(await functionsOf('def g(:')).toMatch(/SyntaxError/)
  expect(await functionsOf('x\0y')).toMatch(/SyntaxError/)
  expect(await functionsOf(`def g(a):\n  return ${'('.repeat(5000)}`)).toMatch(/Error/)
  expect(await functionsOf('#'.repeat(70_000))).toMatch(/longer than 65536/)
  expect(await functionsOf('')).toEqual([])
})
