/**
 * LiveCodeBench: all public and hidden tests have to be met, by a method on JSON arguments, or by a
 * whole program with a real standard input and output.
 */
import { inflateSync } from 'node:zlib'
import type { Sandbox } from '../../../domain/execution.ts'
import { runCalls } from '../calls.ts'
import { isEqual } from '../equal.ts'
import { codeOf } from '../extract.ts'
import { type Grade, malformed } from '../grade.ts'
import { lineAt, type PlacedLine } from '../lines.ts'
import { isSameOutput } from './output.ts'
import { stringInPickle } from './pickle.ts'

type Test = { input: string; output: string }

export type LivecodebenchItem = {
  id: string
  question: string
  starter: string
  /** The day of its contest, as 2024-05-31. */
  date: string
  /** The method that is called; null where standard input is read. */
  method: string | null
  tests: () => Promise<Test[]>
}

/** LiveCodeBench's own limit of a test, in CPU seconds here. */
const testSeconds = 6
const limits = {
  timeoutMs: testSeconds * 1000,
  memoryMb: 4096,
  maxOutputBytes: 16 << 20,
  runs: 1,
} as const
/** Tests that run together before it is looked whether one failed. */
const wave = 4

/** What LiveCodeBench puts before each program. */
const starred = [
  'string',
  're',
  'datetime',
  'collections',
  'heapq',
  'bisect',
  'copy',
  'math',
  'random',
  'statistics',
  'itertools',
  'functools',
  'operator',
  'io',
  'sys',
  'json',
  'builtins',
  'typing',
]
const plain = starred.filter(name => name !== 'builtins')
const imports = [
  ...starred.map(name => `from ${name} import *`),
  `import ${plain.join(', ')}`,
  'sys.setrecursionlimit(50000)\n',
].join('\n')

/** There are no threads in the sandbox; programs that want one for its stack run in the only one. */
const threads = [
  'import threading',
  'threading.Thread.start = lambda self: self.run()',
  'threading.Thread.join = lambda self, timeout=None: None',
  'threading.stack_size = lambda size=0: 0\n',
].join('\n')

const preludeOf = (code: string) => imports + (/\bthreading\b/.test(code) ? threads : '')

/** Plain JSON, or JSON in a pickle, compressed, in base64. */
function hiddenTests(text: string): Test[] {
  if (text.trimStart().startsWith('[')) return JSON.parse(text)
  return JSON.parse(stringInPickle(inflateSync(Buffer.from(text, 'base64'))))
}

const testsOf = (row: { public_test_cases: string; private_test_cases?: string }): Test[] => [
  ...(JSON.parse(row.public_test_cases) as Test[]),
  ...hiddenTests(row.private_test_cases || '[]'),
]

/** Its tests may be as long as a book: they are read again when they are needed. */
export function readLivecodebenchItem(
  { text, at, size }: PlacedLine,
  path: string,
): LivecodebenchItem {
  const row = JSON.parse(text)
  const metadata = row.metadata ? JSON.parse(row.metadata) : {}
  return {
    id: row.question_id,
    question: row.question_content,
    starter: row.starter_code ?? '',
    date: String(row.contest_date).slice(0, 10),
    method: metadata.func_name ?? null,
    tests: async () => testsOf(JSON.parse(await lineAt(path, at, size))),
  }
}

export function createLivecodebench(sandbox: Sandbox) {
  /** JSON values as display texts, made where no program of a model runs. */
  async function displaysOf(values: string[]): Promise<string[]> {
    const job = { program: 'def f(value):\n    return value', entry: 'f', limits: [testSeconds] }
    const inputs = `[${values.map(value => `[${value}]`).join(',')}]`
    const { calls, cut } = await runCalls(sandbox, { ...job, inputs, totalSeconds: 60 })
    if (cut || calls.length !== values.length) throw new Error(`its tests cannot be read: ${cut}`)
    return calls.map(({ text }) => text)
  }

  async function callFailure(code: string, method: string, tests: Test[], signal?: AbortSignal) {
    const expected = await displaysOf(tests.map(({ output }) => output))
    const inputs = `[${tests.map(({ input }) => `[${input.trim().split('\n').join(',')}]`).join(',')}]`
    const job = { program: preludeOf(code) + code, entry: 'Solution', method, inputs }
    const totalSeconds = (testSeconds + 1) * tests.length + 5
    const view = 'list' as const
    const { calls, cut, isUngraded } = await runCalls(
      sandbox,
      { ...job, limits: [testSeconds], view, totalSeconds },
      signal,
    )
    if (isUngraded) throw new Error(cut ?? 'ungraded')
    if (cut) return cut
    const miss = expected.findIndex((wanted, i) => {
      const call = calls[i]
      return call?.how !== 'value' || !isEqual(call.text, wanted)
    })
    if (miss < 0) return null
    const call = calls[Math.min(miss, calls.length - 1)]
    const why =
      call?.how === 'value' || call?.how === 'other'
        ? 'another value'
        : `${call?.how}: ${call?.text}`
    return `${why} on test ${miss + 1}`
  }

  async function printFailure(code: string, tests: Test[], signal?: AbortSignal) {
    const program = preludeOf(code) + code
    for (let at = 0; at < tests.length; at += wave) {
      const some = tests.slice(at, at + wave)
      const script = { program, stdins: some.map(({ input }) => input), limits }
      const found = await sandbox.runScript(script, signal)
      const lost = found.find(({ outcome }) => outcome === 'ungraded')
      if (lost) throw new Error(lost.error ?? 'ungraded')
      const miss = found.findIndex(
        ({ outcome, output }, i) =>
          outcome !== 'returned' || !isSameOutput(output ?? '', some[i]?.output ?? ''),
      )
      if (miss < 0) continue
      const { outcome, error } = found[miss] as (typeof found)[number]
      const why =
        outcome === 'returned' ? 'other output' : [outcome, error].filter(Boolean).join(': ')
      return `${why} on test ${at + miss + 1}`
    }
    return null
  }

  return async (
    item: LivecodebenchItem,
    completion: string,
    signal?: AbortSignal,
  ): Promise<Grade> => {
    const { code } = codeOf(completion)
    if (code.trim() === '') return malformed('no code')
    const tests = await item.tests()
    const why = item.method
      ? await callFailure(code, item.method, tests, signal)
      : await printFailure(code, tests, signal)
    if (why === null) return { verdict: 'correct', extracted: code, detail: null }
    const isUnread = /^(?:unread|rejected: SyntaxError)/.test(why)
    return isUnread ? malformed(why, code) : { verdict: 'wrong', extracted: code, detail: why }
  }
}
