/** Functions of a folder of one's own code: what is used, what is counted, what is refused. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { corpusLines } from '../../domain/corpus.ts'
import { kindsOf } from '../../domain/kinds/index.ts'
import { configSchema } from '../../src/config/config.ts'
import { corpusFiles, functionsIn, readCorpus } from '../../src/run/corpus.ts'
import { holdSandbox } from '../sandbox/hold.ts'
import { temporary } from '../temporary.ts'

const { sandbox } = holdSandbox()
const kinds = kindsOf(['deduction', 'induction'])

let folder: string
beforeEach(() => {
  folder = temporary('corpus')
})

function write(file: string, text: string | Buffer) {
  mkdirSync(dirname(join(folder, file)), { recursive: true })
  writeFileSync(join(folder, file), text)
}

function read(task = {}) {
  const ports = { config: configSchema.parse({ task }), sandbox: sandbox() }
  return functionsIn(ports, folder, corpusFiles(folder, kinds))
}

test('functions are in the order of their files and lines, and each is there once', async () => {
  write('b.py', 'def last(a):\n  return a[-1]\n\ndef first(a):\n  return a[0]')
  write('a/z.py', 'def again(a):\n  """Of the same."""\n  return a[0]')
  const found = await read()
  expect(
    found.programs.map(({ file, name, line, position }) => [file, name, line, position]),
  ).toEqual([
    ['a/z.py', 'again', 1, 0],
    ['b.py', 'last', 1, 1],
  ])
  expect(found.counts.skipped).toEqual([{ reason: 'is there twice', count: 1 }])
  expect((await read()).programs).toEqual(found.programs)
})

test('the rules of tasks count, and every reason is told', async () => {
  write('a.py', 'import random\ndef g(a):\n  return random.random()\ndef h(a):\n  return input(a)')
  write('b.py', `def long(a):\n  return ${'a + '.repeat(30)}a\ndef used(a):\n  return a`)
  write('c.py', 'def broken(:')
  write('d.py', Buffer.from('# caf\xe9', 'latin1'))
  write('e.py', '#'.repeat(70_000))
  write('f.py', '#'.repeat(300_000))
  expect(corpusLines((await read({ maxProgramChars: 100 })).counts)).toEqual([
    'corpus: 4 functions read in 6 files, 1 kept',
    '  functions skipped: banned word: random (1), program too long (1), reads input (1)',
    '  files skipped: too long (2), not Python (1), not UTF-8 (1)',
  ])
})

test('code that comes along follows the rules of tasks, too', async () => {
  write('a.py', 'import random\ndef h(a):\n  return random.random()\ndef g(a):\n  return h(a)')
  write('b.py', 'def h(a):\n  return input(a)\ndef g(a):\n  return h(a) + 1')
  write('c.py', 'def input(a):\n  return a\ndef g(a):\n  return input(a)')
  write('d.py', 'import os\nWHERE = os.sep\ndef g(a):\n  return a + WHERE')
  write('e.py', `T = '${'x'.repeat(7970)}'\ndef g(a):\n  return T[a]`)
  const found = await read({ bannedWords: ['random', 'os.sep'] })
  expect(found.programs.map(({ file, name }) => [file, name])).toEqual([
    ['c.py', 'input'],
    ['c.py', 'g'],
  ])
  expect(found.counts.skipped).toEqual([
    { reason: 'banned word: random', count: 2 },
    { reason: 'reads input', count: 2 },
    { reason: 'banned word: os.sep', count: 1 },
    { reason: 'is too long with what it needs', count: 1 },
  ])
})

test('a file that takes too long to read is not called one that is not Python', async () => {
  write('a.py', 'def g(a):\n  return a')
  const ports = { config: configSchema.parse({}), sandbox: sandbox() }
  const slow = {
    ...ports.sandbox,
    functionsOf: async () => ({ ok: false, error: 'SyntaxError: takes too long to read' }) as const,
  }
  const found = await functionsIn({ ...ports, sandbox: slow }, folder, corpusFiles(folder, kinds))
  expect(found.counts.unread).toEqual([{ reason: 'takes too long to read', count: 1 }])
})

test('hidden folders, virtual environments, links and other files are left out', () => {
  for (const file of ['.git/a.py', 'env/lib/b.py', 'env/pyvenv.cfg', 'c.txt', 'd.py']) {
    write(file, '')
  }
  symlinkSync(folder, join(folder, 'round'))
  symlinkSync(join(folder, 'd.py'), join(folder, 'e.py'))
  expect(corpusFiles(folder, kinds)).toEqual([join(folder, 'd.py')])
})

describe('a folder that cannot be used', () => {
  const filesOf = (played = ['induction']) => corpusFiles(folder, kindsOf(played))

  test('is refused before anything starts', () => {
    expect(filesOf).toThrow(/as it has no file that ends in .py/)
    write('a.py', '')
    expect(() => filesOf(['deduction'])).toThrow(/add induction to kinds/)
    rmSync(folder, { recursive: true })
    expect(filesOf).toThrow(/as there is no such folder/)
    writeFileSync(folder, '')
    expect(filesOf).toThrow(/as it is not a folder/)
  })

  test('without a function that can be used says why', async () => {
    write('a.py', 'def main():\n  return 1')
    write('b.py', 'def x(')
    await expect(readCorpus(configSchema.parse({}), kinds, folder)).rejects.toMatchObject({
      code: 'corpus-unusable',
      message: expect.stringMatching(
        /1 functions read in 2 files, 0 kept; .*: has no parameters \(1\); .*: not Python \(1\)/,
      ),
    })
  })
})
