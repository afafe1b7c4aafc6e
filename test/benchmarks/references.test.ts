/** Cached results of references: they are used, but only if they can be read. */
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Execution, Sandbox, Script } from '../../domain/execution.ts'
import { hashOf } from '../../domain/hash.ts'
import { startSandbox } from '../../sandbox/index.ts'
import type { Call } from '../../src/benchmarks/calls.ts'
import type { EvalplusItem } from '../../src/benchmarks/evalplus/item.ts'
import { createGraders } from '../../src/benchmarks/graders.ts'
import { createReferences } from '../../src/benchmarks/references.ts'
import { findSuite, openBenchmark } from '../../src/benchmarks/suites.ts'
import { python, root } from '../../src/config/paths.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const place = mkdtempSync(join(tmpdir(), 'azr-references-'))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(place, 'kept-'))
})
afterAll(() => rmSync(place, { recursive: true, force: true }))

const calls: Call[] = [{ how: 'value', text: '[1, 2]', seconds: 0.5 }]
const key = hashOf(['a', 1])
const files = () => readdirSync(folder).map(name => join(folder, name))

describe('cached on disk', () => {
  test('a stored result is read, another is not found', () => {
    createReferences(folder).keep(key, calls)
    expect(createReferences(folder).read(key)).toEqual(calls)
    expect(createReferences(folder).read(hashOf(['a', 2]))).toBeNull()
    expect(files()).toHaveLength(1)
  })

  test.each([
    ['cut short', (data: Buffer) => data.subarray(0, data.length - 3)],
    ['a byte changed', (data: Buffer) => Buffer.from(data).fill(7, 20, 21)],
    ['empty', () => Buffer.alloc(0)],
    ['of another key', () => gzipSync(JSON.stringify({ key: hashOf(['b']), calls }))],
    ['of another form', () => gzipSync(JSON.stringify({ key, calls: [['value', '1', 2]] }))],
  ])('a file that is %s counts as missing and is made again', (_, damage) => {
    const references = createReferences(folder)
    references.keep(key, calls)
    const [path = ''] = files()
    writeFileSync(path, damage(readFileSync(path)))
    expect(references.read(key)).toBeNull()
    references.keep(key, calls)
    expect(references.read(key)).toEqual(calls)
  })

  test('if the folder cannot be written, nothing is cached and nothing fails', () => {
    const references = createReferences(join(root, 'package.json', 'below'))
    references.keep(key, calls)
    expect(references.read(key)).toBeNull()
  })

  test('the oldest are deleted when the room is used up', () => {
    const sizes = { old: 200, middle: 100, new: 100 }
    for (const [at, [name, megabytes]] of Object.entries(sizes).entries()) {
      const path = join(folder, name)
      writeFileSync(path, '')
      truncateSync(path, megabytes << 20)
      utimesSync(path, at + 1, at + 1)
    }
    createReferences(folder)
    expect(readdirSync(folder).sort()).toEqual(['middle', 'new'])
  })
})

const data = join(root, 'test', 'fixtures', 'benchmarks', 'data')
const sandbox = await startSandbox({ python, workers: 1 })
afterAll(() => sandbox.stop())

/** The same sandbox, counting its runs. */
function counted(): { sandbox: Sandbox; runs: () => number } {
  let runs = 0
  const runScript = (script: Script, signal?: AbortSignal) => {
    runs++
    return sandbox.runScript(script, signal)
  }
  return { sandbox: { ...sandbox, runScript, stop: async () => {} }, runs: () => runs }
}

const benchmark = findSuite('humanevalplus')
const { items } = await openBenchmark(benchmark, { data, model: '' })
const [halves, third] = items as unknown as [EvalplusItem, EvalplusItem]
const answers = [
  [halves, '    return [x / 2 for x in xs]\n', 'correct'],
  [halves, '    return [x * 0.5000000001 for x in xs]\n', 'correct'],
  [halves, '    return tuple(x / 2 for x in xs)\n', 'base: another value on test 1'],
  [halves, '    return [x // 1 / 2 for x in xs]\n', 'plus: another value on test 2'],
  [halves, '    return [1 / 0]\n', 'base: ZeroDivisionError on test 1'],
  [halves, '    import time; time.sleep(100)\n', 'base: too slow on test 1'],
  [halves, '    return [\n', 'base: unread: SyntaxError'],
  [third, '    return [*range(n)]\n', 'correct'],
  [third, '    return list(range(n)) if n < 9 else []\n', 'plus: another value on test 2'],
] as const

async function gradeAll(order: readonly number[], from: Sandbox = sandbox) {
  const graders = createGraders(async () => from, folder)
  const found: string[] = []
  for (const at of order) {
    const [item, completion] = answers[at] as (typeof answers)[number]
    const { verdict, detail } = await graders.grade(benchmark, item, completion)
    found[at] = detail ?? verdict
  }
  return found
}

describe('graded with cached results', () => {
  const expected = answers.map(([, , said]) => said)
  const order = answers.map((_, at) => at)

  test('the verdicts are the same as the first time, with fewer runs, in any order', async () => {
    const [first, later] = [counted(), counted()]
    expect(await gradeAll(order, first.sandbox)).toEqual(expected)
    expect(files()).toHaveLength(4)
    expect(await gradeAll([...order].reverse(), later.sandbox)).toEqual(expected)
    // Two lists of tests of two items.
    expect(first.runs() - later.runs()).toBe(4)
  })

  test('damaged files change no verdict', async () => {
    await gradeAll([0, 7])
    for (const path of files()) writeFileSync(path, 'no gzip')
    expect(await gradeAll(order)).toEqual(expected)
  })

  test('another reference has another file', async () => {
    const grade = async (item: EvalplusItem) => {
      const tools = { sandbox, references: createReferences(folder) }
      return (await benchmark.grade(item, '    return [x / 2 for x in xs]\n', tools)).verdict
    }
    expect(await grade(halves)).toBe('correct')
    expect(await grade({ ...halves, solution: '    return [x / 4 for x in xs]\n' })).toBe('wrong')
    expect(await grade(halves)).toBe('correct')
    expect(files()).toHaveLength(3)
  })

  test('items that are known to take longest come first', async () => {
    const slow = '    sum(range(300000))\n    return list(range(n))\n'
    const items = [halves, { ...third, solution: slow }]
    const graders = createGraders(async () => sandbox, folder)
    expect(await graders.longestFirst(benchmark, items)).toEqual([0, 1])
    for (const item of items) await graders.grade(benchmark, item, '    pass\n')
    for (const item of items) await graders.grade(benchmark, item, item.solution)
    expect(await graders.longestFirst(benchmark, items)).toEqual([1, 0])
  })
})

describe('while the reference is missing', () => {
  /** A sandbox whose outcomes depend on the limits: the reference takes two seconds. */
  function scripted(answerSeconds: number) {
    const said: number[] = []
    const runScript = async ({ stdins: [stdin = ''] }: Script): Promise<Execution[]> => {
      const [head = '', program = ''] = stdin.split('\n')
      const isReference = program.includes('sum')
      const [limit = 0] = stdin === '' ? [] : JSON.parse(head).limits
      if (stdin !== '' && !isReference) said.push(limit)
      const seconds = isReference ? 2 : answerSeconds
      const call = seconds > limit ? ['slow', '', limit * 1e6] : ['value', '7', seconds * 1e6]
      const found = isReference ? '' : '["program", "x", 0]\n'
      const output = stdin === '' ? '3.11' : `${found}${JSON.stringify(call)}\n`
      return [{ outcome: 'returned', output, error: null } as Execution]
    }
    return { sandbox: { runScript } as unknown as Sandbox, said }
  }
  const tests = [{ name: 'base' as const, inputs: '[[3]]' }]
  const item = { ...third, solution: '    return sum([n])\n', tests }

  test.each([
    ['within the least limit', 3, 'correct', [4]],
    ['within its own limit only', 7, 'correct', [4, 8]],
    ['too slow for both', 9, 'wrong', [4, 8]],
  ])('an answer that is %s', async (_, seconds, verdict, limits) => {
    const { sandbox, said } = scripted(seconds)
    const tools = { sandbox, references: createReferences(folder) }
    expect((await benchmark.grade(item, '    return 7\n', tools)).verdict).toBe(verdict)
    expect(said).toEqual(limits)
    expect((await benchmark.grade(item, '    return 7\n', tools)).verdict).toBe(verdict)
    expect(said).toEqual([...limits, 8])
  })
})
