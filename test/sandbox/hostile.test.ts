import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import type { Outcome } from '../../sandbox/types.ts'
import { python } from '../../src/paths.ts'
import { holdSandbox } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const { sandbox, run, runAll, expectHealthy } = holdSandbox()
const quick = { timeoutMs: 300, memoryMb: 256 }

/** A body of f, each line indented. */
const body = (...lines: string[]) =>
  ['import os, sys, signal', 'def f(x):', ...lines.map(line => `  ${line}`)].join('\n')

afterEach(() => expectHealthy())

type Case = [name: string, program: string, outcomes: Outcome[]]

const time: Case[] = [
  ['endless loop', body('while True: pass'), ['timedOut']],
  [
    'a loop that catches everything',
    body('while True:', '  try:', '    while True: pass', '  except BaseException: pass'),
    ['timedOut'],
  ],
  [
    'every signal ignored',
    body(
      'for s in signal.valid_signals():',
      '  try: signal.signal(s, signal.SIG_IGN)',
      '  except OSError: pass',
      'while True: pass',
    ),
    ['timedOut'],
  ],
  [
    'a handler of SIGXCPU',
    body('signal.signal(signal.SIGXCPU, lambda *_: None)', 'while True: pass'),
    ['timedOut'],
  ],
  ['a power that never ends', body('return 9 ** 9 ** 9'), ['timedOut', 'memoryExceeded']],
  [
    'a pattern that never ends',
    'import re\ndef f(x):\n  re.match("(a+)+b", "a" * 40)',
    ['timedOut'],
  ],
  ['an exit that hangs', body('import atexit', 'atexit.register(f, 1)', 'return 1'), ['returned']],
  [
    'a destructor that hangs',
    'class A:\n  def __del__(self):\n    while True: pass\ndef f(x):\n  a = A()\n  return 1',
    ['timedOut'],
  ],
  ['reading from nobody', body('r, w = os.pipe()', 'return os.read(r, 1)'), ['timedOut']],
]

const memory: Case[] = [
  ['one long string', body('return len("x" * 10 ** 10)'), ['memoryExceeded']],
  [
    'a growing list',
    body('a = []', 'while True: a.append(bytes(10 ** 6))'),
    ['memoryExceeded', 'timedOut'],
  ],
  [
    'growing, and catching it',
    body('a = []', 'while True:', '  try: a.append(bytes(10 ** 6))', '  except MemoryError: pass'),
    ['timedOut', 'memoryExceeded', 'crashed'],
  ],
  ['huge output', body('return "x" * 10 ** 8'), ['outputTooLong']],
  [
    'output shared many times over',
    body('a = [1]', 'for i in range(60): a = [a, a]', 'return a'),
    ['outputTooLong'],
  ],
  ['recursion', body('return f(x)'), ['raised']],
  [
    'recursion without a limit',
    body('sys.setrecursionlimit(10 ** 9)', 'return f(x)'),
    ['timedOut', 'memoryExceeded', 'crashed', 'raised'],
  ],
  [
    'recursion in C without a limit',
    body('sys.setrecursionlimit(10 ** 9)', 'a = []', 'for i in range(10 ** 5): a = [a]', 'repr(a)'),
    ['crashed', 'timedOut', 'memoryExceeded'],
  ],
  ['much printed', body('while True: print("x" * 10 ** 6)'), ['timedOut', 'raised']],
]

const system: Case[] = [
  ['exit', body('os._exit(0)'), ['crashed']],
  ['fork', body('return os.fork()'), ['rejected']],
  ['fork bomb', body('while True: os.fork()'), ['rejected']],
  ['thread', body('import _thread', '_thread.start_new_thread(f, (1,))'), ['rejected']],
  ['exec', body('os.execv("/bin/true", ["true"])'), ['rejected']],
  ['spawn', body('import subprocess', 'subprocess.run(["true"])'), ['rejected']],
  ['socket', body('import socket', 'socket.socket()'), ['rejected']],
  ['socket pair', body('import socket', 'socket.create_connection(("::1", 1))'), ['rejected']],
  ['kill the server', body('os.kill(os.getppid(), 9)'), ['rejected']],
  ['kill everyone', body('os.kill(-1, 9)'), ['rejected']],
  ['kill the group', body('os.killpg(0, 9)'), ['rejected']],
  ['stop itself', body('os.kill(os.getpid(), signal.SIGSTOP)'), ['rejected']],
  ['leave the group', body('os.setsid()'), ['rejected']],
  [
    'a forbidden call and its exception',
    body('try: os.fork()', 'except BaseException: pass', 'return 1'),
    ['rejected'],
  ],
  [
    'junk to every descriptor',
    body(
      'for fd in range(3, 20):',
      '  try: os.write(fd, b"junk" * 100)',
      '  except OSError: pass',
      'return 1',
    ),
    ['crashed'],
  ],
  ['every descriptor closed', body('os.closerange(0, 64)', 'return 1'), ['crashed']],
  [
    'every descriptor closed, and a loop',
    body('os.closerange(0, 64)', 'while True: pass'),
    ['crashed', 'timedOut'],
  ],
  ['descriptors without end', body('while True: os.dup(0)'), ['raised']],
]

const names: Case[] = [
  ...['len', 'repr', 'isinstance', 'type', 'str', 'sorted', 'round', 'memoryview', 'dict'].map(
    (name): Case => [
      `builtins.${name}`,
      `import builtins\nbuiltins.${name} = lambda *_: 0\ndef f(x):\n  return [2]`,
      // A wrong value is what must not come; that its report is lost is the program's own loss.
      ['returned', 'crashed'],
    ],
  ),
  [
    'builtins.BaseException',
    'import builtins\nbuiltins.BaseException = int\ndef f(x): 1 / 0',
    ['raised', 'crashed'],
  ],
  ['no modules', 'import sys\nsys.modules.clear()\ndef f(x):\n  return [2]', ['returned']],
  [
    'no builtins',
    'import builtins\nvars(builtins).clear()\ndef f(x):\n  return [2]',
    ['returned', 'crashed'],
  ],
  [
    'a trace function',
    'import sys\nsys.settrace(lambda *_: 1 / 0)\ndef f(x):\n  return [2]',
    ['returned', 'raised', 'crashed'],
  ],
  [
    'an audit hook',
    'import sys\nsys.addaudithook(lambda *_: 1 / 0)\ndef f(x):\n  return [2]',
    ['returned', 'raised'],
  ],
  [
    'json replaced',
    'import json\njson.dumps = lambda *_: "[]"\ndef f(x):\n  return [2]',
    ['returned', 'crashed'],
  ],
]

describe.each([
  ['time', time],
  ['memory', memory],
  ['system', system],
])('%s', (_, cases) => {
  test.each(cases)('%s', async (_, program, outcomes) => {
    const before = sandbox().pids()
    const found = await run(program, '1', quick)
    expect(outcomes).toContain(found.outcome)
    expect(sandbox().pids()).toEqual(before)
  })
})

describe('names replaced', () => {
  test.each(names)('%s', async (_, program, outcomes) => {
    const found = await run(program, '1', quick)
    expect(outcomes).toContain(found.outcome)
    if (found.outcome === 'returned') expect(found.canonical).toBe('[2]')
  })
})

describe('reports that a program writes itself', () => {
  const forge = (report: string) =>
    body(
      `report = ${report}`,
      'for fd in range(3, 16):',
      '  try: os.write(fd, len(report).to_bytes(4, "little") + report)',
      '  except OSError: pass',
      'while True: pass',
    )

  test.each([
    ['an outcome that is not its own', '{"number":0,"outcome":"ungraded","cpuMs":1}'],
    ['no such outcome', '{"number":0,"outcome":"x","cpuMs":1}'],
    ['values that are no texts', '{"number":0,"outcome":"returned","canonical":{},"cpuMs":1}'],
    ['a value without returning', '{"number":0,"outcome":"raised","canonical":"1","cpuMs":1}'],
    ['no number', '{"number":0,"outcome":"raised","cpuMs":NaN}'],
    ['an endless number', '{"number":0,"outcome":"raised","cpuMs":1e999}'],
    ['the wrong input', '{"number":1,"outcome":"raised","cpuMs":1}'],
    ['no object', '[]'],
    ['no JSON', '{'],
    ['no text', '\\xff\\xfe'],
  ])('%s', async (_, report) => {
    const before = sandbox().pids()
    const found = await run(forge(`b'${report}'`), '1', quick)
    expect(found).toMatchObject({ outcome: 'crashed', output: null, canonical: null })
    expect(sandbox().pids()).toEqual(before)
  })

  test.each([
    ['deep', `b'[' * 60000`],
    ['long', `b'{"number":0,"canonical":"' + b'1' * 10 ** 7`],
    ['empty', `b''`],
  ])('%s', async (_, report) => {
    const before = sandbox().pids()
    const found = await run(forge(report), '1', quick)
    expect(['crashed', 'timedOut']).toContain(found.outcome)
    expect(sandbox().pids()).toEqual(before)
  })

  test('a length that never comes true', async () => {
    const program = body(
      'for fd in range(3, 16):',
      '  try: os.write(fd, b"\\xff\\xff\\xff\\xff")',
      '  except OSError: pass',
      'while True: pass',
    )
    expect(await run(program, '1', quick)).toMatchObject({ outcome: 'timedOut' })
  })
})

describe('texts', () => {
  test.each([
    ['NUL', 'def f(x):\n  return 1\0'],
    ['1 MB', `def f(x):\n  return 1\n${'#'.repeat(1 << 20)}`],
    ['brackets', `x = ${'('.repeat(60000)}`],
    ['signs', `x = ${'-'.repeat(60000)}1`],
    ['sums', `x = ${'1+'.repeat(30000)}1`],
    ['calls', `x = a${'()'.repeat(30000)}`],
  ])('%s', async (_, program) => {
    expect(await run(program)).toMatchObject({ outcome: 'rejected' })
    const found = await run('def f(*_):\n  return 1', program)
    expect(['rejected', 'raised']).toContain(found.outcome)
  })

  test('a text that takes too long to compile is refused, and holds nobody else for long', async () => {
    // Each `finally` is compiled twice, and so the innermost some 2 ** 18 times.
    const nest = Array.from(
      { length: 18 },
      (_, i) => `${' '.repeat(i)}try: pass\n${' '.repeat(i)}finally:\n`,
    )
    const text = `${nest.join('')}${' '.repeat(18)}pass`
    const [front] = sandbox().pids()
    const others = ['1', '(', '[2]'].map(one => sandbox().readLiteral(one))
    const found = await sandbox().inspect(text)
    expect(found).toEqual({ ok: false, error: 'SyntaxError: takes too long to read' })
    // Those that came with it are none the worse.
    const literals = await Promise.all(others)
    expect(literals.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(sandbox().pids()).not.toContain(front)
  })
})

describe('processes killed from outside', () => {
  const replaced = async (before: number[]) => {
    while (sandbox().pids().length < before.length) await sleep(10)
  }

  test.each([0, 1, 2])('process %i, idle', async at => {
    const before = sandbox().pids()
    process.kill(before[at] as number, 'SIGKILL')
    await expectHealthy()
    await replaced(before)
    const now = sandbox().pids()
    expect(now).toHaveLength(3)
    expect(now).not.toContain(before[at])
  })

  test('each of them again and again, at work', async () => {
    const before = sandbox().pids()
    const program = 'def f(x):\n  return sum(i * i for i in range(20000)) + x'
    const sum = (20000 * 19999 * 39999) / 6
    let isDone = false
    let returned = 0
    const killing = (async () => {
      for (let i = 0; !isDone; i++) {
        await sleep(150)
        const pids = sandbox().pids()
        if (pids.length === 3 && !isDone) process.kill(pids[i % 3] as number, 'SIGKILL')
      }
    })()
    for (let i = 0; i < 30; i++) {
      const found = await runAll(program, [String(i), String(-i)], { timeoutMs: 5000 })
      found.forEach(({ outcome, output }, at) => {
        // Three losses in a row end in `ungraded`; a wrong value is what must never come.
        expect(['returned', 'ungraded']).toContain(outcome)
        if (outcome !== 'returned') return
        returned += 1
        expect(output).toBe(String(sum + (at === 0 ? i : -i)))
      })
    }
    isDone = true
    await killing
    expect(returned).toBeGreaterThan(30)
    await replaced(before)
  })

  test('nothing of it is left after a stop', async () => {
    const other = await startSandbox({ python, workers: 2 })
    const pids = other.pids()
    expect(pids).toHaveLength(5)
    await other.stop()
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
