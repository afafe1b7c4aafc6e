/** Servers with packages beside the standard library. Skipped where there is no numpy to be found. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { python, root } from '../../src/paths.ts'
import { limits } from './hold.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const lib = join(root, '.venv', 'lib')
const version = existsSync(lib) ? readdirSync(lib)[0] : undefined
const packages = join(lib, version ?? '', 'site-packages')
const has = (name: string) => existsSync(join(packages, name))

async function run(preload: string[], program: string, input: string) {
  const sandbox = await startSandbox({ python, workers: 1, profile: { packages, preload } })
  try {
    const job = { program, inputs: [input], limits: { ...limits, memoryMb: 2048 } }
    return (await sandbox.execute(job))[0]
  } finally {
    await sandbox.stop()
  }
}

describe.skipIf(!has('numpy'))('with numpy', () => {
  test('programs compute', async () => {
    const program = `import numpy as np
def f(n):
  grid = np.arange(n * n).reshape(n, n) + np.eye(n)
  return grid.sum().item(), round(float(np.linalg.det(grid)), 3), np.sort(grid[:, 0]).tolist()`
    expect(await run(['numpy'], program, '3')).toMatchObject({
      outcome: 'returned',
      output: '(39.0, -5.0, [1.0, 3.0, 6.0])',
    })
  })

  test('and are no freer than others', async () => {
    const program = `import numpy as np
def f(x):
  return np.zeros(3).tofile("/tmp/azr-numpy")`
    expect(await run(['numpy'], program, '3')).toMatchObject({
      outcome: 'rejected',
      error: 'forbidden system call',
    })
  })

  test('what was not loaded cannot be imported', async () => {
    const program = 'import torch\ndef f(x):\n  return 1'
    expect(await run(['numpy'], program, '3')).toMatchObject({
      outcome: 'rejected',
      error: 'imports what is not in the library: torch',
    })
  })
})

test.skipIf(!has('sympy'))('with sympy', async () => {
  const program = 'import sympy\ndef f(x):\n  return str(sympy.factor(sympy.sympify(x)))'
  expect(await run(['sympy', 'mpmath'], program, '"x**2 - 1"')).toMatchObject({
    outcome: 'returned',
    output: "'(x - 1)*(x + 1)'",
  })
})
