import { describe, expect, test } from 'vitest'
import type { ProgramFacts } from '../../domain/task.ts'
import { type Run, refuseMessage, refuseProgram, refuseRuns } from '../../domain/validate.ts'
import { configSchema } from '../../src/config/config.ts'

const rules = { ...configSchema.parse({}).task, minDistinctOutputs: 2, maxOutputChars: 10 }
const facts = (over: Partial<ProgramFacts> = {}): ProgramFacts => {
  return {
    normalized: '',
    imports: [],
    uses: [],
    functions: ['f'],
    classes: [],
    unread: [],
    ...over,
  }
}
const run = (over: Partial<Run> = {}): Run => ({
  outcome: 'returned',
  output: '1',
  error: null,
  literal: true,
  inputCanonical: '(1;)',
  ...over,
})

describe('before it runs', () => {
  const refuse = (over: Partial<ProgramFacts>, program = 'def f(a): return a') =>
    refuseProgram(program, facts(over), rules)

  test.each([
    [{}, null],
    [{ functions: ['g', 'f'], classes: ['C'] }, null],
    [{ functions: ['g'] }, 'no function f'],
    [{ imports: ['random'] }, 'banned word: random'],
    [{ imports: ['os.path'] }, 'banned word: os.path'],
    [{ uses: ['os.environ'] }, 'banned word: os.environ'],
    [{ uses: ['os.environ.get'] }, 'banned word: os.environ'],
    [{ imports: ['os', 'sys'], uses: ['os', 'sys', 'sys.maxsize'] }, null],
    [{ uses: ['os.listdir'] }, null],
    [{ uses: ['time'] }, null],
    [{ uses: ['input'] }, 'reads input'],
    [{ uses: ['parse_input'] }, null],
  ] as const)('%j: %s', (over, reason) => {
    expect(refuse(over as Partial<ProgramFacts>)).toBe(reason)
  })

  test('a parameter that it never reads, if that is refused', () => {
    const strict = { ...rules, refuseUnread: true }
    const found = facts({ unread: ['b', 'c'] })
    expect(refuseProgram('def f(a, b, c): return a', found, strict)).toBe('never reads b')
    expect(refuseProgram('def f(a, b, c): return a', found, rules)).toBe(null)
  })

  test('a program that is too long', () => {
    expect(refuse({}, 'x'.repeat(rules.maxProgramChars + 1))).toBe('program too long')
  })
})

describe('a message', () => {
  const program = 'def f(a):\n    total = sum(a)\n    return total * 2'
  test.each([
    ['It doubles something', null],
    ['def f (a): return 1', 'message holds the program'],
    ['total = sum(a), then return total * 2', 'message holds the program'],
    ['', null],
  ])('%s: %s', (message, reason) => {
    expect(refuseMessage(message, program)).toBe(reason)
  })
})

describe('after it ran', () => {
  test.each([
    [run(), null],
    [run({ outcome: 'raised', error: 'ValueError' }), 'raised ValueError'],
    [run({ outcome: 'raised', error: null }), 'raised an exception'],
    [run({ outcome: 'nondeterministic' }), 'nondeterministic'],
    [run({ outcome: 'timedOut' }), 'timedOut'],
    [run({ outcome: 'rejected', error: 'no f' }), 'rejected: no f'],
    [run({ literal: false }), 'input is no literal'],
    [run({ output: 'None' }), 'returns None'],
    [run({ output: '[nan]' }), 'returns NaN'],
    [run({ output: "'nan'" }), null],
    [run({ output: '[None]' }), null],
    [run({ output: '12345678901' }), 'output too long'],
  ])('%j: %s', (one, reason) => {
    expect(refuseRuns([one], rules)).toBe(reason)
  })

  test('the first bad input refuses the whole proposal', () => {
    expect(refuseRuns([run(), run({ outcome: 'timedOut' }), run()], rules)).toBe('timedOut')
  })

  test('an induction task needs different outputs', () => {
    expect(refuseRuns([run(), run()], rules)).toBe('too few different outputs')
    expect(refuseRuns([run(), run({ output: '2' })], rules)).toBe(null)
  })
})
