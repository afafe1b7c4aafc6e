/** `azr exec`: lines in, answers out, in order. Its end is tested in exec-end.test.ts. */
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { codeOf, descendantsOf, exec, loop, start, tell } from './azr-exec.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describe('azr exec', () => {
  test('answers in the order of the lines, however long each takes', async () => {
    const program = 'import time\ndef f(x):\n  time.sleep(x)\n  return x'
    const inputs = ['0.3', '0', '0.1', '0', '0.2', '0', '0', '0']
    const { answers, code, errors } = await exec(
      inputs.map((input, id) => ({ id, program, input })),
    )
    expect(answers.map(({ id, output }) => [id, output])).toEqual(
      inputs.map((text, i) => [i, text]),
    )
    expect(Object.keys(answers[0] ?? {})).toEqual(['id', 'outcome', 'output', 'error', 'cpuMs'])
    expect([code, errors]).toEqual([0, ''])
  })

  test('reports outcomes, and a failing program is not a failure of the command', async () => {
    const { answers, code } = await exec(
      [
        { ...loop, id: 1 },
        { id: 2, program: 'def f(x):\n  return 1 / x', input: '0' },
        { id: 3, program: 'def f(x)', input: '0' },
        { id: 4, program: 'def f(x):\n  return "x" * 100', input: '0' },
        { id: 5, program: 'def f(x):\n  return id(object())', input: '0' },
      ],
      ['--timeout-ms', '200', '--max-output-bytes', '50', '--memory-mb', '256', '--workers', '1'],
    )
    expect(answers.map(({ outcome }) => outcome)).toEqual([
      'timedOut',
      'raised',
      'rejected',
      'outputTooLong',
      'nondeterministic',
    ])
    expect(answers[1]).toMatchObject({ id: 2, error: 'ZeroDivisionError', output: null })
    expect(code).toBe(0)
  })

  test('an id is returned exactly as written, whatever number it is', async () => {
    const ids = ['9007199254740993', '123456789012345678901234567890', '1e400', '0.1', '"a"']
    const rest = '"program": "def f(x):\\n  return x", "input": "1"'
    const child = start([])
    child.stdin?.end(ids.map(id => `{"id": ${id}, ${rest}}\n`).join(''))
    const lines = (await text(child.stdout!)).trim().split('\n')
    expect(lines.map(line => /^\{"id":(.*?),/.exec(line)?.[1])).toEqual(ids)
  })

  test('texts of 65,000 emoji are within the limit', async () => {
    const emoji = '\u{1F600}'.repeat(65_000)
    const escaped = [...'\u{1F600}'.repeat(65_000)].map(() => '\\ud83d\\ude00').join('')
    const line = `{"id": 1, "program": "def f(x):\\n  return len(x) # ${escaped}", "input": "'${escaped}'"}`
    const { answers } = await exec([
      { id: 0, program: `def f(x):\n  return len(x) # ${emoji}`, input: `'${emoji}'` },
      line,
    ])
    expect(answers.map(({ output }) => output)).toEqual(['65000', '65000'])
  })

  test('a bad line is answered with its number, and the exit code is 1', async () => {
    const job = { id: 'a', program: 'def f(x):\n  return x', input: '1' }
    const { answers, code } = await exec([job, 'not JSON', { id: 'b' }, { ...job, id: 'c' }])
    expect(answers).toMatchObject([
      { id: 'a', outcome: 'returned' },
      { line: 2, outcome: 'rejected', error: expect.any(String) },
      { line: 3, outcome: 'rejected', error: expect.any(String) },
      { id: 'c', outcome: 'returned' },
    ])
    expect(code).toBe(1)
  })

  test('an ungraded line is reported, and the exit code is 1', async () => {
    const child = start(['--timeout-ms', '60000', '--workers', '1'])
    const code = codeOf(child)
    const out = text(child.stdout!)
    child.stdin?.write(`${JSON.stringify({ ...loop, id: 0, program: 'def f(x): return x' })}\n`)
    await once(child.stdout!, 'data')
    child.stdin?.end(`${JSON.stringify(loop)}\n`)
    // Kill whatever process works on it, until azr gives up.
    while (child.exitCode === null) {
      for (const pid of descendantsOf(child.pid as number)) tell(pid, 'SIGKILL')
      await sleep(20)
    }
    const answers = (await out)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(answers.map(({ outcome }) => outcome)).toEqual(['returned', 'ungraded'])
    expect(await code).toBe(1)
  })

  test('an endless line is answered like any bad one, and is not stored', async () => {
    const job = { id: 'a', program: 'def f(x):\n  return x', input: '1' }
    const { answers, code } = await exec([job, 'x'.repeat(3_000_000), { ...job, id: 'c' }])
    expect(answers).toMatchObject([
      { id: 'a', outcome: 'returned' },
      { line: 2, outcome: 'rejected', error: expect.stringContaining('longer than') },
      { id: 'c', outcome: 'returned' },
    ])
    expect(code).toBe(1)
  })

  test('thousands of lines pass in order, even if nobody reads for a while', async () => {
    const child = start([])
    const code = codeOf(child)
    const lines = Array.from({ length: 4000 }, (_, id) =>
      JSON.stringify({
        id,
        program: `def f(x):\n  return "${'y'.repeat(2000)}", x`,
        input: `${id}`,
      }),
    )
    child.stdin?.end(`${lines.join('\n')}\n`)
    await sleep(1000)
    const out = (await text(child.stdout!)).trim().split('\n')
    expect(out.map(line => JSON.parse(line).id)).toEqual(lines.map((_, id) => id))
    expect(await code).toBe(0)
  })

  test('empty input gives empty output', async () => {
    expect(await exec([])).toEqual({ answers: [], errors: '', code: 0 })
  })

  test('invalid flags are reported, with exit code 2', async () => {
    const { answers, errors, code } = await exec([], ['--runs', '6'])
    expect([answers, code]).toEqual([[], 2])
    expect(errors).toContain('--runs')
  })
})

describe('azr exec --check', () => {
  test('judges', async () => {
    const program = 'def f(x):\n  return x * x'
    const deduce = { kind: 'deduction', program, input: '3', output: '9' }
    const abduce = { kind: 'abduction', program, output: '9' }
    const induce = { kind: 'induction', inputs: ['2', '3'], outputs: ['4', '9'] }
    const { answers, code } = await exec(
      [
        { id: 1, ...deduce, answer: '9.0' },
        { id: 2, ...deduce, answer: '8' },
        { id: 3, ...deduce, answer: 'f(3)' },
        { id: 4, ...abduce, answer: '-3' },
        { id: 5, ...abduce, answer: '"a"' },
        { id: 6, ...abduce, answer: '(' },
        { id: 7, ...induce, answer: program },
        { id: 8, ...induce, answer: 'def f(x):\n  return x + 2' },
        { id: 9, ...induce, answer: 'def f(' },
      ],
      ['--check'],
    )
    expect(answers.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(answers.map(({ verdict }) => verdict)).toEqual([
      'correct',
      'wrong',
      'malformed',
      'correct',
      'wrong',
      'malformed',
      'correct',
      'wrong',
      'malformed',
    ])
    expect(answers[4]?.detail).toBe('raised: TypeError')
    expect(code).toBe(0)
  })

  test('an invalid question is a bad line', async () => {
    const { answers, code } = await exec(
      [
        { id: 1, kind: 'deduction', answer: '1' },
        { id: 2, kind: 'deduction', output: 'f(1)', answer: '1' },
        { id: 3, kind: 'other', output: '1', answer: '1' },
        { id: 4, kind: 'induction', inputs: ['1', '2'], outputs: ['1'], answer: '' },
      ],
      ['--check'],
    )
    expect(answers.map(({ line }) => line)).toEqual([1, 2, 3, 4])
    expect(code).toBe(1)
  })
})
