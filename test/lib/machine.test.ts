import { expect, test } from 'vitest'
import { parseGpus, readMachine } from '../../lib/machine.ts'

test("cards are parsed from nvidia-smi's output", () => {
  const text =
    '0, NVIDIA H100 80GB HBM3, 87, 61234, 81559, 64\n1, NVIDIA L4, [N/A], 0, 23034, [N/A]\n'
  expect(parseGpus(text)).toEqual([
    {
      index: 0,
      name: 'NVIDIA H100 80GB HBM3',
      busy: 0.87,
      celsius: 64,
      memory_bytes: 61234 * 2 ** 20,
      total_bytes: 81559 * 2 ** 20,
    },
    {
      index: 1,
      name: 'NVIDIA L4',
      busy: 0,
      celsius: null,
      memory_bytes: 0,
      total_bytes: 23034 * 2 ** 20,
    },
  ])
  expect(parseGpus('')).toEqual([])
})

test('without nvidia-smi there are none', async () => {
  const { PATH } = process.env
  process.env.PATH = '/nowhere'
  const { gpus, total_bytes, memory_bytes } = await readMachine()
  process.env.PATH = PATH
  expect(gpus).toEqual([])
  expect(memory_bytes).toBeGreaterThan(0)
  expect(memory_bytes).toBeLessThan(total_bytes)
})
