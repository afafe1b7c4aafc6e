/**
 * Grades LiveCodeBench: all public and hidden tests have to pass, for a method with JSON arguments,
 * or for a whole program with real standard input and output.
 */
import type { Execution } from '../../../domain/execution.ts'
import type { Tools } from '../benchmark.ts'
import { type Call, runCalls } from '../calls.ts'
import { codeTexts, programOf } from '../code.ts'
import { isEqual } from '../equal.ts'
import { type Grade, malformed } from '../grade.ts'
import type { LivecodebenchItem, Test } from './item.ts'
import { isSameOutput } from './output.ts'

/** LiveCodeBench's own limit of a test, in CPU seconds here. */
const testSeconds = 6
const limits = {
  timeoutMs: testSeconds * 1000,
  memoryMb: 4096,
  maxOutputBytes: 16 << 20,
  runs: 1,
} as const
/** Tests that run together before the first check for a failure. */
const wave = 4

/** LiveCodeBench puts these lines before each program. */
const starred = [
  ...'string re datetime collections heapq bisect copy math random statistics itertools'.split(' '),
  ...'functools operator io sys json builtins typing'.split(' '),
]
const plain = starred.filter(name => name !== 'builtins')
const imports = [
  ...starred.map(name => `from ${name} import *`),
  `import ${plain.join(', ')}`,
  'sys.setrecursionlimit(50000)\n',
].join('\n')

/** The sandbox has no threads. Programs that start one for its stack run in the main thread. */
const threads = [
  'import threading',
  'threading.Thread.start = lambda self: self.run()',
  'threading.Thread.join = lambda self, timeout=None: None',
  'threading.stack_size = lambda size=0: 0\n',
].join('\n')

const future = /^from __future__ import (?:\([^)]*\)|.*)$/gm

const preludeOf = (code: string) => imports + (/\bthreading\b/.test(code) ? threads : '')

/** The code after its prelude. Imports from `__future__` have to come first. */
function programWith(code: string): string {
  const first = [...code.matchAll(future)].map(([line]) => `${line}\n`)
  return first.join('') + preludeOf(code) + code.replaceAll(future, '')
}

/** JSON values as display texts, made in a process without model code. */
async function displaysOf(values: string[], { sandbox }: Tools): Promise<string[]> {
  const job = { program: 'def f(value):\n    return value', entry: 'f', limits: [testSeconds] }
  const inputs = `[${values.map(value => `[${value}]`).join(',')}]`
  const { calls, cut } = await runCalls(sandbox, { ...job, inputs, totalSeconds: 60 })
  if (cut || calls.length !== values.length) throw new Error(`its tests cannot be read: ${cut}`)
  return calls.map(({ text }) => text)
}

/** The first failed test, in words; null if all pass. */
function missIn(calls: readonly Call[], expected: readonly string[]): string | null {
  const miss = expected.findIndex((wanted, i) => {
    const call = calls[i]
    return call?.how !== 'value' || !isEqual(call.text, wanted)
  })
  if (miss < 0) return null
  const call = calls[Math.min(miss, calls.length - 1)]
  const isValue = call?.how === 'value' || call?.how === 'other'
  const why = isValue ? 'another value' : `${call?.how}: ${call?.text}`
  return `${why} on test ${miss + 1}`
}

type Failure = { why: string | null; code: string }

async function callFailure(
  { completion, starter, method }: { completion: string; starter: string; method: string },
  tests: Test[],
  tools: Tools,
): Promise<Failure> {
  const expected = await displaysOf(
    tests.map(({ output }) => output),
    tools,
  )
  const job = {
    program: { texts: codeTexts(completion), prompt: starter },
    prelude: preludeOf(completion),
    entry: 'Solution',
    method,
    inputs: `[${tests.map(({ input }) => `[${input.trim().split('\n').join(',')}]`).join(',')}]`,
    limits: [testSeconds],
    view: 'list' as const,
    totalSeconds: (testSeconds + 1) * tests.length + 5,
  }
  const { calls, cut, isUngraded, program } = await runCalls(tools.sandbox, job, tools.signal)
  if (isUngraded) throw new Error(cut ?? 'ungraded')
  return { why: cut ?? missIn(calls, expected), code: program ?? programOf(completion) }
}

function printMiss(found: readonly Execution[], tests: readonly Test[], before: number) {
  const lost = found.find(({ outcome }) => outcome === 'ungraded')
  if (lost) throw new Error(lost.error ?? 'ungraded')
  const miss = found.findIndex(
    ({ outcome, output }, i) =>
      outcome !== 'returned' || !isSameOutput(output ?? '', tests[i]?.output ?? ''),
  )
  if (miss < 0) return null
  const { outcome, error } = found[miss] as Execution
  const why = outcome === 'returned' ? 'other output' : [outcome, error].filter(Boolean).join(': ')
  return `${why} on test ${before + miss + 1}`
}

async function printFailure(
  code: string,
  tests: Test[],
  { sandbox, signal }: Tools,
): Promise<Failure> {
  const program = programWith(code)
  for (let at = 0; at < tests.length; at += wave) {
    const some = tests.slice(at, at + wave)
    const script = { program, stdins: some.map(({ input }) => input), limits }
    const why = printMiss(await sandbox.runScript(script, signal), some, at)
    if (why) return { why, code }
  }
  return { why: null, code }
}

export async function gradeContest(
  item: LivecodebenchItem,
  completion: string,
  tools: Tools,
): Promise<Grade> {
  const program = programOf(completion)
  if (program.trim() === '') return malformed('no code')
  const tests = await item.tests()
  const { method, starter } = item
  const { why, code } = method
    ? await callFailure({ completion, starter, method }, tests, tools)
    : await printFailure(program, tests, tools)
  if (why === null) return { verdict: 'correct', extracted: code, detail: null }
  const isUnread = /^(?:unread|rejected: SyntaxError)/.test(why)
  return isUnread ? malformed(why, code) : { verdict: 'wrong', extracted: code, detail: why }
}
