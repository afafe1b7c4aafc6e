import { describe, expect, test, vi } from 'vitest'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox, expectHealthy } = holdSandbox()
const literal = (text: string) => sandbox().readLiteral(text)
const args = (text: string) => sandbox().readArguments(text)

describe('readLiteral', () => {
  test.each([
    ['  1\n', '1', '1'],
    ['0x10', '16', '16'],
    ['True', '1', 'True'],
    ['1.0', '1', '1.0'],
    ['-0.0', '0', '-0.0'],
    ['+1', '1', '1'],
    ['- -1', '1', '1'],
    ['1e400', 'inf', 'inf'],
    ["-float('inf')", '-inf', '-inf'],
    ["float('NaN')", 'nan', 'nan'],
    ['1 - 2j', 'c(1,-2)', '(1-2j)'],
    ['"a" "b"', "'ab'", "'ab'"],
    ["'''a\nb'''", "'a\\nb'", "'a\\nb'"],
    ['1, 2', '(1,2)', '(1, 2)'],
    ['{2, 1, 1}', '<1,2>', '{1, 2}'],
    ['set([1])', '<1>', '{1}'],
    ['frozenset()', '<>', 'frozenset()'],
    ["{'b': 1, 'a': 2}", "{'a':2,'b':1}", "{'b': 1, 'a': 2}"],
    ["{'a': 1, 'a': 2}", "{'a':2}", "{'a': 2}"],
  ])('%j is %s', async (text, canonical, display) => {
    expect(await literal(text)).toEqual({ ok: true, canonical, display })
  })

  test.each([
    [''],
    ['   '],
    ['x'],
    ['1 + 1'],
    ['"a" * 3'],
    ['-True'],
    ['...'],
    ['f"a"'],
    ['[i for i in (1,)]'],
    ['__import__("os").system("true")'],
    ['dict(a=1)'],
    ['{**{}}'],
    ['[*()]'],
    ['{[]}'],
    ['{{}: 1}'],
    ['float("1")'],
    ['lambda: 1'],
    ['print(1)'],
  ])('%j is not a literal', async text => {
    expect(await literal(text)).toMatchObject({ ok: false })
  })

  test.each([
    ['nested brackets', '['.repeat(5000)],
    ['closed brackets', `${'['.repeat(190)}${']'.repeat(190)}`],
    ['signs', `${'-'.repeat(3000)}1`],
    ['sums', `${'1+'.repeat(20000)}1j`],
    ['digits', '1'.repeat(5000)],
    ['hex digits', `0x${'f'.repeat(5000)}`],
    ['too large for a complex', `1${'0'.repeat(400)} + 1j`],
    ['NUL', '"a\0b"'],
    ['lone surrogate', '"\ud800"'],
    ['too long', `"${'x'.repeat(70000)}"`],
    ['long canonical text', `[${'1e308,'.repeat(10000)}]`],
  ])('%s are refused, and do not end the front', async (_, text) => {
    const before = sandbox().pids()
    expect(await literal(text)).toMatchObject({ ok: false })
    expect(await args(text)).toMatchObject({ ok: false })
    expect(sandbox().pids()).toEqual(before)
    await expectHealthy()
  })
})

describe('readArguments', () => {
  test.each([
    ['', '(;)', ''],
    ['1, "a"', "(1,'a';)", "1, 'a'"],
    ['1, b=2, a=3', '(1;a=3,b=2)', '1, b=2, a=3'],
    ['(1, 2)', '((1,2);)', '(1, 2)'],
    ['1,\n2 # two', '(1,2;)', '1, 2'],
    ["')'", "(')';)", "')'"],
  ])('%j', async (text, canonical, display) => {
    expect(await args(text)).toEqual({ ok: true, canonical, display })
  })

  test.each([
    ['1) + f(2'],
    ['1)(2'],
    ['1) #'],
    ['1), (2'],
    ['1)\nf(2'],
    ['1; 2'],
    [')'],
    ['a=1, a=2'],
    ['a=1, 2'],
    ['x'],
    ['*[1]'],
    ['**{}'],
    ['i for i in "ab"'],
    ['x := 1'],
    ['print(1)'],
  ])('%j is refused', async text => {
    expect(await args(text)).toMatchObject({ ok: false })
  })
})

describe('inspect', () => {
  test('finds facts of a program without running it', async () => {
    const program = `"""Says hello."""
import os.path, re as r
from collections import deque
raise SystemExit
class Box:
  "A box."
  def g(self): return self.secret
def f(x, *, key=1):
  """Nothing else."""
async def h(): pass
`
    const found = await sandbox().inspect(program)
    if (!found.ok) throw new Error(found.error)
    expect(found.facts).toMatchObject({
      imports: ['collections', 'os.path', 're'],
      functions: ['g', 'f', 'h'],
      classes: ['Box'],
    })
    expect(found.facts.normalized).not.toMatch(/hello|box\.|Nothing/)
    expect(found.facts.uses).toEqual(['SystemExit', 'collections.deque', 'os', 're'])
  })

  test.each([
    ['def f(a):\n  return input(a)', ['input']],
    ['def f(input):\n  time = input + 1\n  return time', []],
    ['def g(a):\n  return a\ndef f(a):\n  return g(input=input())', ['input']],
    ['import os as o\ndef f(a):\n  return o.path.join(a)', ['os', 'os.path.join']],
    ['from os import path as p\ndef f(a):\n  return p.join(a)', ['os.path', 'os.path.join']],
    ['import os, sys\ndef f(a):\n  return sys.maxsize + a', ['os', 'sys', 'sys.maxsize']],
    ['import sys\ndef f(exit):\n  return exit', ['sys']],
  ])('%j uses %j', async (program, uses) => {
    const found = await sandbox().inspect(program)
    expect(found.ok && found.facts.uses).toEqual(uses)
  })

  test.each([
    ['def f(a, b):\n  return b', ['a']],
    ['def f(a, /, b=1, *c, d, **e):\n  return 3', ['a', 'b', 'c', 'd', 'e']],
    ['def f(a):\n  a = 2\n  return 3', ['a']],
    ['def f(a):\n  a += 2\n  return 3', []],
    ['def f(a, b):\n  def g(c):\n    return a\n  return g', ['b']],
    ['def f(a):\n  return a\ndef f(b):\n  return 1', ['b']],
    ['def g(a):\n  return 1', []],
  ])('%j never reads %j', async (program, unread) => {
    const found = await sandbox().inspect(program)
    expect(found.ok && found.facts.unread).toEqual(unread)
  })

  test('spelling does not change the normalized text', async () => {
    const texts = ['def f(x):\n  return x+1', 'def f( x ):\n    # adds\n    return (x + 1)\n']
    const [one, two] = await Promise.all(texts.map(text => sandbox().inspect(text)))
    expect(one).toEqual(two)
  })

  test.each([
    ['syntax', 'def f(:'],
    ['NUL', 'def f(x):\n  return 1\0'],
    ['1 MB', `x = 1\n${'#'.repeat(1 << 20)}`],
    ['deep expression', `x = ${'not '.repeat(15000)}1`],
    ['lambdas', `x = ${'lambda:'.repeat(1500)}1`],
    ['attributes', `x = a${'.a'.repeat(30000)}`],
    ['branches', `if a: pass\n${'elif a: pass\n'.repeat(4000)}`],
    ['indents', Array.from({ length: 120 }, (_, i) => `${' '.repeat(i)}if 1:\n`).join('')],
    ['long integer', `x = 0x${'f'.repeat(6000)}`],
    ['lone surrogate', 'x = "\ud800"'],
    ['null coding', '# coding: nonsense\nx = ('],
  ])('%s is refused with one line', async (_, program) => {
    const before = sandbox().pids()
    const found = await sandbox().inspect(program)
    expect(found.ok).toBe(false)
    if (!found.ok) expect(found.error).toMatch(/^[^\n]{5,200}$/)
    expect(sandbox().pids()).toEqual(before)
  })
})
