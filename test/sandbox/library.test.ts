/** Every standard library module that a Python here can import also imports in the sandbox. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { limits } from './hold.ts'
import { findPythons } from './pythons.ts'

vi.setConfig({ testTimeout: 300_000 })

const script = join(import.meta.dirname, 'library.py')
const program = readFileSync(script, 'utf8')
const together = 40

/** The names that this Python cannot import outside the sandbox. */
function tryOutside(path: string, names: string[]): string[] {
  const options = { input: JSON.stringify(names), encoding: 'utf8', stdio: 'pipe' } as const
  return Object.keys(JSON.parse(execFileSync(path, ['-s', '-S', script, '--try'], options)))
}

function batchesOf(names: string[]): string[][] {
  const count = Math.ceil(names.length / together)
  return Array.from({ length: count }, (_, i) => names.slice(i * together, (i + 1) * together))
}

/** The modules that this Python can import, in batches. */
function batchesFor(path: string): string[][] {
  const names: string[] = JSON.parse(execFileSync(path, ['-s', '-S', script], { encoding: 'utf8' }))
  expect(names.length).toBeGreaterThan(400)
  const missing = new Set(tryOutside(path, names))
  return batchesOf(names.filter(name => !missing.has(name)))
}

async function tryInside(path: string, batches: string[][], more = {}): Promise<string[]> {
  const sandbox = await startSandbox({ python: path, workers: 1, ...more })
  try {
    const inputs = batches.map(names => JSON.stringify(names))
    const roomy = { ...limits, timeoutMs: 20_000, memoryMb: 1024, runs: 1 as const }
    const found = await sandbox.execute({ program, inputs, limits: roomy })
    return found.map(({ output, outcome, error }) => output ?? `${outcome} ${error}`)
  } finally {
    await sandbox.stop()
  }
}

describe('the standard library', () => {
  test.each(findPythons())('of Python $version ($from) is complete', async ({ path }) => {
    const batches = batchesFor(path)
    expect(await tryInside(path, batches)).toEqual(batches.map(() => '{}'))
  })

  const common = '/usr/bin/python3'
  const isRoot = process.getuid?.() === 0
  test.runIf(isRoot && existsSync(common)).each([
    ['root without namespaces', { without: ['namespaces'] }],
    ['a plain user without namespaces', { without: ['namespaces'], uid: 12345 }],
    ['a plain user', { uid: 12345 }],
  ])('is complete for %s', async (_, more) => {
    const batches = batchesFor(common)
    expect(await tryInside(common, batches, more)).toEqual(batches.map(() => '{}'))
  })
})
