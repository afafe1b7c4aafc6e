/** Servers with additional packages. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { openProfile } from '../../sandbox/profiles.ts'
import { profileFolder, python, root } from '../../src/config/paths.ts'
import { temporary } from '../temporary.ts'
import { limits } from './hold.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 })

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

  test('and has no more rights than others', async () => {
    const program = `import numpy as np
def f(x):
  return np.zeros(3).tofile("/tmp/azr-numpy")`
    expect(await run(['numpy'], program, '3')).toMatchObject({
      outcome: 'raised',
      error: 'PermissionError',
    })
  })

  test('modules that were not loaded cannot be imported', async () => {
    const program = 'import torch\ndef f(x):\n  return 1'
    expect(await run(['numpy'], program, '3')).toMatchObject({
      outcome: 'rejected',
      error: 'imports what is not in the library: torch',
    })
  })
})

describe('with mathematics', () => {
  let profile: Awaited<ReturnType<typeof openProfile>>
  // The first start installs the packages.
  beforeAll(async () => {
    profile = await openProfile('mathematics', { python, home: profileFolder })
  })

  const runEach = async (program: string, inputs: string[]) => {
    const sandbox = await startSandbox({ python, workers: 1, profile })
    try {
      const roomy = { ...limits, timeoutMs: 5000, memoryMb: 2048 }
      const found = await sandbox.execute({ program, inputs, limits: roomy })
      return found.map(({ outcome, output }) => [outcome, output])
    } finally {
      await sandbox.stop()
    }
  }

  test('examples/sandbox/equal.ts compares two answers', () => {
    const example = join(root, 'examples', 'sandbox', 'equal.ts')
    const ran = spawnSync(process.execPath, [example], { encoding: 'utf8' })
    expect(ran.stdout, ran.stderr).toBe('returned True\n')
  })

  test('answers are compared', async () => {
    const program = `from math_verify import parse, verify
def f(gold, answer):
  read = lambda text: parse(text, parsing_timeout=1)
  return verify(read(gold), read(answer), timeout_seconds=1)`
    const found = await runEach(program, [
      String.raw`r"$\frac{1}{2}$", r"so it is \boxed{0.5}"`,
      String.raw`r"$(1,2)$", r"\boxed{(1,3)}"`,
      String.raw`r"$\sqrt{8}$", r"$2\sqrt{2}$"`,
      String.raw`r"$x^2-1$", r"\boxed{(x-1)(x+1)}"`,
      'r"$9^{9^{9^9}}$", r"$9^{9^{9^8}}$"',
    ])
    expect(found).toEqual(['True', 'False', 'True', 'True', 'False'].map(v => ['returned', v]))
  })

  test('sympy computes, and packages outside the profile cannot be imported', async () => {
    const program = `import sympy
def f(x):
  return str(sympy.factor(sympy.sympify(x)))`
    expect(await runEach(program, ['"x**2 - 1"'])).toEqual([['returned', "'(x - 1)*(x + 1)'"]])
    expect(await runEach('import numpy\ndef f(): pass', [''])).toEqual([['rejected', null]])
  })
})

test('a profile that cannot be installed says so and leaves nothing behind', async () => {
  const home = temporary('profiles')
  vi.stubEnv('PIP_NO_INDEX', '1')
  try {
    await expect(openProfile('numpy', { python, home })).rejects.toThrow(
      "Cannot install the packages of the sandbox's profile numpy",
    )
    expect(readdirSync(home)).toEqual([])
  } finally {
    vi.unstubAllEnvs()
  }
})

test('the standard library needs no packages', async () => {
  expect(await openProfile('standard', { python, home: '/nowhere' })).toBeUndefined()
})
