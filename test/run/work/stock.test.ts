/** A step's stock in memory equals the one that a resumed process reads from its rows. */
import { expect, test } from 'vitest'
import { formatKey } from '../../../domain/key.ts'
import { builtInKinds as kinds } from '../../../domain/kinds/index.ts'
import { configSchema } from '../../../src/config/config.ts'
import { emptyStock, grown, readStock } from '../../../src/run/work/stock.ts'
import { createTasks } from '../../../src/run/work/tasks.ts'
import { openRun } from '../../../state/open.ts'
import type { Row, Write } from '../../../state/types.ts'
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

test('tasks on functions of the corpus are known, in memory as from the rows', async () => {
  const corpus = { folder: '/mine', file: 'a.py', line: 1, name: 'g', program: 'def f(a): 1' }
  const row = { name: 'own', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
  const programs = ['c1', 'c2'].map((hash, position) => ({ ...corpus, hash, position }))
  const elsewhere = { ...corpus, folder: '/other', hash: 'c3', position: 0 }
  const home = temporary('grounded')
  const given = { corpus_programs: [...programs, elsewhere] }
  const { store, release } = await openRun(home, 'own', row, given)
  const [first, second, third] = tasksOf(1, 3) as [Row<'tasks'>, Row<'tasks'>, Row<'tasks'>]
  const link = (task_id: string, reference_hash: string): Write => {
    return { table: 'task_references', row: { task_id, position: 0, reference_hash } }
  }
  await store.write([
    ...[first, second, third].map((task): Write => ({ table: 'tasks', row: task })),
    link(first.id, 'c2'),
    link(second.id, 'a task'),
    link(third.id, 'c3'),
  ])
  const own = configSchema.parse({ buffer: { capacity: 3 }, propose: { corpus: '/mine' } })
  const read = await readStock({ config: own, kinds, store }, 2)
  const accepted = { deduction: [first, second, third].map(({ hash }) => hash as string) }
  const growth = { step: 1, accepted, grounded: ['1-0'], answers: [] }
  const stock = grown({ config: own, kinds }, emptyStock(['c1', 'c2']), growth)
  expect(read).toEqual(stock)
  expect(read.grounded).toEqual(new Set(['1-0']))
  expect((await readStock({ config, kinds, store }, 2)).corpus).toEqual([])
  const tasks = createTasks(store)
  await tasks.load(['c2', '1-1'])
  expect(tasks.of('c2')).toMatchObject({ program: 'def f(a): 1', pairs: [] })
  expect(tasks.of('1-1').program).toBe('p 1-1')
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
