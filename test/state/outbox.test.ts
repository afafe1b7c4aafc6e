import { expect, test } from 'vitest'
import { toBatch, unpackBatch } from '../../state/batch.ts'
import { createOutbox } from '../../state/outbox.ts'
import type { Write } from '../../state/types.ts'

const metric = (value: number): Write => ({
  table: 'metrics',
  row: { step: 1, made_in: 1, name: String(value), value },
})

/** A writer that commits on command. */
function fakeWriter() {
  const open: { writes: readonly Write[]; resolve: () => void; reject: (e: Error) => void }[] = []
  const outbox = createOutbox(writes => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    open.push({ writes, resolve, reject })
    return promise
  })
  return { outbox, open }
}
const some = (count: number) => Array.from({ length: count }, (_, i) => metric(i))

test('writes of one turn are one transaction', async () => {
  const outbox = createOutbox(async writes => void sizes.push(writes.length))
  const sizes: number[] = []
  await Promise.all([outbox.add(some(1)), outbox.add(some(3)), outbox.add(some(1))])
  expect(sizes).toEqual([5])
})

test('a crowd is sent at once, and at most two transactions are in flight', async () => {
  const { outbox, open } = fakeWriter()
  const done = [outbox.add(some(100)), outbox.add(some(101)), outbox.add(some(102))]
  expect(open.map(({ writes }) => writes.length)).toEqual([100, 101])
  open[0]?.resolve()
  await done[0]
  expect(open.map(({ writes }) => writes.length)).toEqual([100, 101, 102])
  for (const { resolve } of open) resolve()
  await Promise.all(done)
})

test('waiting writes are sent at once on request', async () => {
  const { outbox, open } = fakeWriter()
  const done = outbox.add(some(1))
  expect(open).toHaveLength(0)
  outbox.flush()
  expect(open).toHaveLength(1)
  open[0]?.resolve()
  await done
})

test('a failed transaction rejects only its own writes', async () => {
  const { outbox, open } = fakeWriter()
  const [first, second] = [outbox.add(some(100)), outbox.add(some(100))]
  open[0]?.reject(new Error('no'))
  open[1]?.resolve()
  await expect(first).rejects.toThrow('no')
  await expect(second).resolves.toBeUndefined()
})

test('closing drops waiting writes, and those in flight still count', async () => {
  const { outbox, open } = fakeWriter()
  const [first, second] = [outbox.add(some(100)), outbox.add(some(1))]
  outbox.close()
  await expect(second).rejects.toThrow('The run was stopped')
  await expect(outbox.add(some(1))).rejects.toThrow('The run was stopped')
  open[0]?.resolve()
  await expect(first).resolves.toBeUndefined()
  expect(open).toHaveLength(1)
})

test("rows arrive in SQLite's form, with packed columns in place", () => {
  const ids = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer)
  const prompt = (hash: string, ...values: number[]): Write => {
    return { table: 'prompts', row: { hash, text: hash, ids: ids(...values) } }
  }
  const event = { at_ms: 1, process_pid: 2, event: 'x' }
  const batch = toBatch([
    prompt('a', 1),
    { table: 'run_events', row: { ...event, detail: { a: [1] } } },
    prompt('b', 2, 3),
    { table: 'run_events', row: { ...event, detail: null } },
    prompt('c'),
  ])
  expect(unpackBatch(structuredClone(batch, { transfer: [batch.packed] }))).toEqual([
    [
      'prompts',
      [
        ['a', 'a', Uint8Array.of(2, 1, 0)],
        ['b', 'b', Uint8Array.of(2, 2, 0, 3, 0)],
        ['c', 'c', Uint8Array.of(2)],
      ],
    ],
    [
      'run_events',
      [
        [1, 2, 'x', '{"a":[1]}'],
        [1, 2, 'x', null],
      ],
    ],
  ])
})

test('reports the waiting rows, and for how long they wait', async () => {
  const { outbox, open } = fakeWriter()
  expect(outbox.backlog()).toEqual({ rows: 0, oldest_ms: 0, commit_ms: 0 })
  const first = outbox.add(some(60))
  // The first transaction waits for the writer's thread to start, which is not a slow disk.
  expect(outbox.backlog()).toEqual({ rows: 60, oldest_ms: 0, commit_ms: 0 })
  open[0]?.resolve()
  await first
  const done = [outbox.add(some(50)), outbox.add(some(51)), outbox.add(some(3))]
  const { rows, oldest_ms } = outbox.backlog()
  expect(rows).toBe(104)
  expect(oldest_ms).toBeGreaterThan(0)
  for (const { resolve } of open) resolve()
  await Promise.all(done.slice(0, 2))
  for (const { resolve } of open) resolve()
  outbox.flush()
  open.at(-1)?.resolve()
  await done[2]
  expect(outbox.backlog()).toMatchObject({ rows: 0, oldest_ms: 0 })
  expect(outbox.backlog().commit_ms).toBeGreaterThan(0)
})

test('an empty write settles at once', async () => {
  const { outbox, open } = fakeWriter()
  await outbox.add([])
  expect(open).toEqual([])
})
