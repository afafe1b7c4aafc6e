/** Two children of one server find the same state, whatever ran between them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Limits, Sandbox } from '../../domain/execution.ts'
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const census = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'census.py'), 'utf8')
const once = { ...limits, timeoutMs: 5000, runs: 1 }

/** Programs that run between two censuses. Each tries to leave as much behind as possible. */
const spoilers: [string, string, Partial<Limits>?][] = [
  ['nothing', 'def f(x):\n  return 1'],
  [
    'flags of the descriptors',
    `import fcntl, os
def f(x):
  for fd in range(32):
    try:
      fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND | os.O_NONBLOCK)
      fcntl.fcntl(fd, fcntl.F_SETFD, 1)
      os.set_blocking(fd, False)
    except OSError: pass
  return 1`,
  ],
  [
    'all memory that it shares with anybody',
    `import gc, mmap
def f(x):
  pages = [o for o in gc.get_objects() if isinstance(o, mmap.mmap)]
  import azr_sandbox.child, sys
  for page in pages + [getattr(sys.modules["__main__"], "place").progress]:
    try: page[:] = b"x" * len(page)
    except ValueError: pass
  return 1`,
  ],
  ['much memory', 'def f(x):\n  return len([bytes(10 ** 6) for _ in range(200)])'],
  ['too much memory', 'def f(x):\n  return len("x" * 10 ** 10)'],
  ['a long run', 'def f(x):\n  return sum(range(10 ** 7))'],
  ['no end', 'def f(x):\n  while True: pass', { timeoutMs: 100 }],
  ['a crash', 'import os\ndef f(x):\n  os._exit(3)'],
  ['a fault', 'import ctypes\ndef f(x):\n  ctypes.string_at(0)'],
  ['an attack', 'import ctypes\ndef f(x):\n  ctypes.CDLL(None).ptrace(0, 0, 0, 0)'],
  ['a long text', 'def f(x):\n  return "x" * 10 ** 6', { maxOutputBytes: 4 << 20 }],
  ['other limits', 'def f(x):\n  return 1', { memoryMb: 64 }],
  ['open pipes', 'import os\ndef f(x):\n  return [os.pipe() for _ in range(9)] and 1'],
  ['state of modules', 'import random, gc\nrandom.seed(1)\ngc.disable()\ndef f(x):\n  return 1'],
  ['a handler', 'import signal\nsignal.setitimer(0, 9)\nsignal.alarm(3)\ndef f(x):\n  return 1'],
  ['a forged report', 'import os\ndef f(x):\n  [os.write(fd, b"x" * 99) for fd in (11, 12)]'],
  ['a batch', 'def f(x):\n  return [x] * 1000'],
]

const modes: [string, Partial<SandboxOptions>][] = [
  ['as we are', {}],
  ['without namespaces', { without: ['namespaces'] }],
]

describe.each(modes)('%s: a child finds the same state afterwards', (_, options) => {
  let sandbox: Sandbox
  let first: string | null | undefined
  const look = async () => {
    const [found] = await sandbox.execute({ program: census, inputs: ['1'], limits: once })
    expect(found).toMatchObject({ outcome: 'returned' })
    return found?.output
  }
  beforeAll(async () => {
    sandbox = await startSandbox({ python, workers: 1, ...options })
    first = await look()
  })
  afterAll(() => sandbox.stop())

  test.each(spoilers)('%s', async (name, program, changes = {}) => {
    const inputs = name === 'a batch' ? Array.from({ length: 64 }, (_, i) => `${i}`) : ['1']
    await sandbox.execute({ program, inputs, limits: { ...once, ...changes } })
    expect(await look()).toBe(first)
  })

  test('a script', async () => {
    const program = 'import sys\nprint(sys.stdin.read() * 100)'
    await sandbox.runScript({ program, stdins: ['x'.repeat(10_000)], limits: once })
    expect(await look()).toBe(first)
  })

  test('forty others', async () => {
    const job = { program: 'import os\ndef f(x):\n  return x', inputs: ['1'], limits: once }
    for (let i = 0; i < 40; i++) await sandbox.execute(job)
    expect(await look()).toBe(first)
  })
})
