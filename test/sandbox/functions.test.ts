/** Functions that stand alone, taken out of a file by the front. Nothing here runs. */
import { expect, test } from 'vitest'
import { holdSandbox } from './hold.ts'

const { sandbox } = holdSandbox()

async function functionsOf(file: string) {
  const found = await sandbox().functionsOf(file)
  return found.ok ? found.functions : found.error
}

/** The program or the reason of a file's only function. */
async function only(file: string): Promise<string> {
  const found = await functionsOf(file)
  if (typeof found === 'string' || found.length !== 1) throw new Error(`${JSON.stringify(found)}`)
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
  ['LIMIT = 3\ndef g(a):\n  return a + LIMIT', 'needs other code of its file'],
  ['def g(a: Point):\n  return a', 'needs other code of its file'],
  ['def g(a=LIMIT):\n  return a', 'needs other code of its file'],
  ['def g(a):\n  global g\n  return a', 'needs other code of its file'],
  ['def g(a):\n  return [h(b) for b in a]', 'needs other code of its file'],
  ['from . import h\ndef g(a):\n  return h(a)', 'needs other code of its file'],
  ['from h import *\ndef g(a):\n  return h(a)', 'needs other code of its file'],
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
