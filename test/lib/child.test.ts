/** The environment of a child: what it needs to find cards and compilers, and no secrets. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { startChild } from '../../lib/child.ts'
import { temporary } from '../temporary.ts'

function start(folder: string, script: string) {
  return startChild({
    command: 'sh',
    args: ['-c', script],
    cwd: folder,
    logPath: join(folder, 'log'),
    cacheDir: folder,
    threads: 1,
    pythonPath: '',
    pipes: 0,
    reasonIn: () => '',
  })
}

async function environmentOf(given: Record<string, string | undefined>): Promise<string[]> {
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value)
  const folder = temporary('child')
  try {
    await start(folder, 'env > environment').ended
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

test('threads that wait do not spin, unless the user has set how they wait', async () => {
  expect(await environmentOf({ OMP_WAIT_POLICY: undefined })).toContain('OMP_WAIT_POLICY=PASSIVE')
  expect(await environmentOf({ OMP_WAIT_POLICY: 'ACTIVE' })).toContain('OMP_WAIT_POLICY=ACTIVE')
})
