/** A step's stock in memory equals the one that a resumed process reads from its rows. */
import { expect, test } from 'vitest'
import { formatKey } from '../../../domain/key.ts'
import { builtInKinds as kinds } from '../../../domain/kinds/index.ts'
import { configSchema } from '../../../src/config/config.ts'
import { emptyStock, grown, readStock } from '../../../src/run/work/stock.ts'
import { createTasks } from '../../../src/run/work/tasks.ts'
import { openRun } from '../../../state/open.ts'
import type { Row } from '../../../state/types.ts'
import { temporary } from '../../temporary.ts'

const config = configSchema.parse({ buffer: { capacity: 3 } })

/** Accepted tasks of one kind, `count` per step. The hash of each says its step and number. */
function tasksOf(step: number, count: number): Row<'tasks'>[] {
  return Array.from({ length: count }, (_, index) => {
    const key = { step, purpose: 'propose', kind: 'deduction', index, sample: 0 } as const
    const hash = `${step}-${index}`
    const said = { program: `p ${hash}`, normalized: `p ${hash}`, pairs: [], message: '' }
    const verdict = { verdict: 'accepted' as const, reason: null, hash, input_hash: '' }
    const { purpose, kind } = key
    return { id: formatKey(key), step, purpose, kind, ...said, ...verdict }
  })
}

test('a full buffer drops its oldest, and knows what the previous step added', async () => {
  const row = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const { store, release } = await openRun(temporary('stock'), 'one', row)
  let stock = emptyStock()
  for (const [step, count] of [3, 1, 1].entries()) {
    const rows = tasksOf(step, count)
    await store.write(rows.map(task => ({ table: 'tasks', row: task })))
    const accepted = { deduction: rows.map(({ hash }) => hash as string) }
    stock = grown({ config, kinds }, stock, { step, accepted, answers: [] })
  }
  const read = await readStock({ config, kinds, store }, 3)
  expect(stock.buffers.deduction).toEqual(['0-2', '1-0', '2-0'])
  expect(read.buffers).toEqual(stock.buffers)
  expect(read.known).toEqual(stock.known)
  expect(read.previous).toEqual(stock.previous)
  await release()
})

test('a task is read once, and an existing one stays', async () => {
  const [row] = tasksOf(1, 1) as [Row<'tasks'>]
  let reads = 0
  const tasksByHash = async () => [row].filter(() => ++reads)
  const tasks = createTasks({ read: { tasksByHash, corpusByHash: async () => [] } })
  expect(() => tasks.of('1-0')).toThrow('Cannot find task 1-0')
  await tasks.load(['1-0', '1-0'])
  await tasks.load(['1-0'])
  expect(reads).toBe(1)
  tasks.add('1-0', { ...tasks.of('1-0'), message: 'another' })
  expect(tasks.of('1-0').message).toBe('')
})
