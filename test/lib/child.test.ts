/** The environment of a child: what it needs to find cards and compilers, and no secrets. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startChild } from '../../lib/child.ts'
import { temporary } from '../temporary.ts'

async function environmentOf(given: Record<string, string | undefined>): Promise<string[]> {
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value)
  const folder = temporary('child')
  try {
    const child = startChild({
      command: 'sh',
      args: ['-c', 'env > environment'],
      cwd: folder,
      logPath: join(folder, 'log'),
      cacheDir: folder,
      threads: 1,
      pythonPath: '',
      pipes: 0,
      reasonIn: () => '',
    })
    await child.ended
    return readFileSync(join(folder, 'environment'), 'utf8').split('\n')
  } finally {
    vi.unstubAllEnvs()
  }
}

test('a child counts cards as nvidia-smi does, and gets compiler and toolkit, but no secrets', async () => {
  const given = {
    CC: 'clang',
    CUDA_HOME: '/cuda',
    HF_TOKEN: 'secret',
    CUDA_DEVICE_ORDER: undefined,
  }
  const found = await environmentOf(given)
  expect(found).toEqual(
    expect.arrayContaining(['CUDA_DEVICE_ORDER=PCI_BUS_ID', 'CC=clang', 'CUDA_HOME=/cuda']),
  )
  expect(found.join()).not.toContain('secret')
})

test('an order of cards that the user has set is kept', async () => {
  const found = await environmentOf({ CUDA_DEVICE_ORDER: 'FASTEST_FIRST' })
  expect(found).toContain('CUDA_DEVICE_ORDER=FASTEST_FIRST')
})
