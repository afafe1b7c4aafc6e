/** The short form of `npm run test:leaks`. */
import { expect, test, vi } from 'vitest'
import { startSandbox } from '../../sandbox/index.ts'
import { python } from '../../src/config/paths.ts'
import { execute, grown, look } from './leaks.ts'

vi.setConfig({ testTimeout: 900_000 })

test('three thousand executions leave no process, descriptor, file or memory behind', async () => {
  const sandbox = await startSandbox({ python, workers: 1 })
  const uid = process.getuid?.() === 0 ? 65534 : (process.getuid?.() ?? 0)
  await execute(sandbox, 0, 1500)
  const first = await look(uid)
  const ungraded = await execute(sandbox, 1500, 4500)
  const last = await look(uid)
  expect(sandbox.metrics().restarts).toBe(0)
  await sandbox.stop()
  expect(grown(first, last)).toEqual([])
  expect(ungraded).toBe(0)
})

test('growth is reported', () => {
  const first = { processes: 6, zombies: 0, descriptors: 40, sandboxMb: 30, nodeMb: 30, files: 0 }
  expect(grown(first, { ...first, sandboxMb: 32 })).toEqual([])
  expect(grown(first, { ...first, descriptors: 41, zombies: 1, nodeMb: 60 })).toHaveLength(3)
})
