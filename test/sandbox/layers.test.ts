/** The sandbox in every mode: it gives the same outcomes, and reports its layers correctly. */
import { existsSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import type { Job } from '../../domain/execution.ts'
import { type SandboxOptions, startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { limits } from './hold.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const isRoot = process.getuid?.() === 0
// A plain user has to be able to read the Python. Root's own may be in a private folder.
const common = '/usr/bin/python3'
const plain = { python: common, uid: 12345 }
const isUsable = isRoot && existsSync(common)

const programs: [string, string][] = [
  ['def f(x):\n  return x + 1', '2'],
  ['import os\ndef f(x):\n  return os.fork()', 'raised PermissionError'],
  ['import socket\ndef f(x):\n  return socket.socket()', 'raised PermissionError'],
  ['import os\ndef f(x):\n  os.kill(os.getppid(), 9)', 'raised PermissionError'],
  ['def f(x):\n  open("/tmp/azr-was-here", "w")', 'raised PermissionError'],
  ['import os\ndef f(x):\n  return os.getpid()', 'nondeterministic'],
  ['def f(x):\n  while True: pass', 'timedOut'],
  [
    'import json, decimal\ndef f(x):\n  return json.loads("[1]"), str(decimal.Decimal(1))',
    "([1], '1')",
  ],
  [
    'import resource as r\ndef f(x):\n  r.setrlimit(r.RLIMIT_AS, (1 << 40, 1 << 40))',
    'raised ValueError',
  ],
  [
    'import ctypes\ndef f(x):\n  ctypes.CDLL(None).ptrace(0, 0, 0, 0)',
    'rejected forbidden system call',
  ],
]

async function outcomesOf(options: SandboxOptions) {
  const sandbox = await startSandbox(options)
  try {
    const found = await Promise.all(
      programs.map(async ([program]) => {
        const job: Job = { program, inputs: ['1'], limits: { ...limits, timeoutMs: 500 } }
        const [{ outcome, output, error } = { outcome: '', output: '', error: '' }] =
          await sandbox.execute(job)
        return output ?? [outcome, error].filter(Boolean).join(' ')
      }),
    )
    const secret = {
      program: 'def f(x):\n  return open("/etc/passwd").read()',
      inputs: ['1'],
      limits,
    }
    const [file] = await sandbox.execute(secret)
    expect(file?.outcome).toBe('raised')
    return { found, layers: new Map(sandbox.layers().map(({ name, on }) => [name, on])) }
  } finally {
    await sandbox.stop()
  }
}

const wanted = programs.map(([, outcome]) => outcome)

describe('modes', () => {
  test('as this user', async () => {
    const { found, layers } = await outcomesOf({ python, workers: 1 })
    expect(found).toEqual(wanted)
    expect(layers.get('seccomp')).toBe(true)
    expect(layers.get('root') || layers.get('landlock')).toBe(true)
  })

  test.runIf(isRoot)('root without namespaces', async () => {
    const { found, layers } = await outcomesOf({ python, workers: 1, without: ['namespaces'] })
    expect(found).toEqual(wanted)
    expect(layers.get('namespaces')).toBe(false)
    expect(layers.get('user')).toBe(true)
  })

  test.runIf(isUsable)('a plain user', async () => {
    const { found } = await outcomesOf({ ...plain, workers: 1 })
    expect(found).toEqual(wanted)
  })

  test.runIf(isUsable)('a plain user without namespaces', async () => {
    const { found, layers } = await outcomesOf({ ...plain, workers: 1, without: ['namespaces'] })
    expect(found).toEqual(wanted)
    expect([layers.get('root'), layers.get('landlock')]).toEqual([false, true])
  })

  test.runIf(isUsable)('without its own root and without Landlock nothing starts', async () => {
    const without = ['namespaces', 'landlock']
    const started = startSandbox({ ...plain, workers: 1, without })
    await expect(started).rejects.toMatchObject({
      cause: { message: expect.stringMatching(/neither a root of its own nor Landlock.*sysctl/s) },
    })
  })
})
