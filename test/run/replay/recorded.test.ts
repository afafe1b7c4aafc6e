import { expect, test } from 'vitest'
import { formatKey } from '../../../domain/key.ts'
import {
  createRecordedFraming,
  createRecordedSandbox,
  recordedSeeds,
} from '../../../src/run/work/recorded.ts'
import type { ReplayStore } from '../../../state/replay.ts'

/** A sandbox with recorded proposals of one program, some of which ran. */
function sandboxOf(
  tasks: { id: string; normalized: string | null; reason?: string }[],
  ran: string[],
) {
  const rows = { tasks: new Map(), executions: new Map(ran.map(id => [`${id}.00`, {}])) }
  for (const task of tasks) rows.tasks.set(task.id, { ...task, program: 'p' })
  const recorded = (table: keyof typeof rows) => rows[table]
  return createRecordedSandbox({ recorded } as unknown as ReplayStore)
}
const [a, b] = ['000001.propose.deduction.0001.0', '000001.propose.deduction.0002.0']
const refused = { id: a, normalized: null, reason: 'raised' }

test('a program that was refused with one input may be a task with another', async () => {
  const sandbox = sandboxOf([refused, { id: b, normalized: 'n' }], [a, b])
  expect(await sandbox.inspect('p')).toMatchObject({ ok: true, facts: { normalized: 'n' } })
})

test('a program that never ran was refused, with its reason', async () => {
  const sandbox = sandboxOf([{ ...refused, reason: 'parse' }], [])
  expect(await sandbox.inspect('p')).toEqual({ ok: false, error: 'parse' })
  expect(await sandbox.inspect('q')).toMatchObject({ ok: false })
})

test('a question is framed as recorded, if it is the same', async () => {
  const frame = createRecordedFraming({
    promptText: id => (id === a ? '<user>What is 2 + 2?<assistant>' : null),
  })
  const ask = (id: string, question: string) =>
    frame({ id, question }, new AbortController().signal)
  expect(await ask(a, 'What is 2 + 2?\n')).toBe('<user>What is 2 + 2?<assistant>')
  expect(await ask(a, 'What is 2 + 3?')).toBe('What is 2 + 3?')
  expect(await ask(b, 'What is 2 + 2?')).toBe('What is 2 + 2?')
})

test('seeds of a file are replayed in its order, however many there are', () => {
  const seeds = Array.from({ length: 10_002 }, (_, i) => `def f(a): return ${i}`)
  const rows = seeds.map((program, i) => {
    const id = formatKey({ step: 0, purpose: 'seed', kind: 'deduction', index: i + 1, sample: 1 })
    return [id, { id, kind: 'deduction', program, pairs: [], message: '' }] as const
  })
  const recorded = () => new Map(rows.toReversed())
  const found = recordedSeeds({ recorded } as unknown as ReplayStore)
  expect(found.map(({ program }) => program)).toEqual(seeds)
})
