import { expect, test } from 'vitest'
import type { ProposeOrder } from '../../../actors/messages.ts'
import { hashText } from '../../../domain/hash.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { microDialect as dialect } from '../../../domain/prompts/index.ts'
import type { Task } from '../../../domain/task.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { fitOrder } from '../../../src/run/work/fit-order.ts'
import { createRecordedRoom, createRoom } from '../../../src/run/work/room.ts'
import { emptyStock } from '../../../src/run/work/stock.ts'

const { signal } = new AbortController()
const base = loadConfig('smoke')

/** One token per letter. Records the texts whose tokens were counted. */
function worldOf(maxLength: number, drafted?: string) {
  const config = { ...base, engine: { ...base.engine, maxLength } }
  const counted: string[] = []
  const encode = async (text: string) => {
    counted.push(text)
    return new Int32Array(text.length)
  }
  const room = createRoom({ config, engine: () => ({ sampler: { encode } }) })
  const rollout = drafted === undefined ? undefined : { prompt_hash: hashText(drafted) }
  const store = { cached: () => rollout } as never
  return { ports: { config, kinds: builtInKinds, dialect, store, room }, counted }
}

const programs: Record<string, string> = { a: 'a'.repeat(40), b: 'b'.repeat(30), c: 'c'.repeat(5) }
const tasks = {
  of: (hash: string) => ({ program: programs[hash], pairs: [] }) as unknown as Task,
  load: async () => {},
  add: () => {},
}
const buffers = { deduction: ['a', 'b'], abduction: ['c'], induction: [] }
const stock = { ...emptyStock(), buffers }
const step = { stock, tasks }
const order = (over: Partial<ProposeOrder>): ProposeOrder => {
  const id = '000001.propose.deduction.0001.0'
  return { id, attempt: 0, kind: 'deduction', references: [], program: null, ...over }
}
const fitted = async (room: number, over: Partial<ProposeOrder>, drafted?: string) => {
  const { ports } = worldOf(room + base.propose.maxTokens, drafted)
  const { order: found } = await fitOrder(ports, step, order(over), signal)
  return found.program ?? found.references
}

test('a text is tokenised once, and not at all if its number of bytes decides', async () => {
  const { ports, counted } = worldOf(100)
  const ask = (letters: number, maxTokens: number) =>
    ports.room.isEnough({ id: 'x', prompt: 'p'.repeat(letters), maxTokens }, signal)
  expect(await ask(50, 40)).toBe(true)
  expect(counted).toEqual([])
  expect([await ask(50, 50), await ask(50, 51), await ask(60, 41)]).toEqual([true, false, false])
  expect(counted.map(({ length }) => length)).toEqual([50, 60])
})

test('references go from the last until prompt and answer fit', async () => {
  const references = ['c', 'b', 'a']
  expect(await fitted(200, { references })).toEqual(['c', 'b', 'a'])
  expect(await fitted(60, { references })).toEqual(['c', 'b'])
  expect(await fitted(30, { references })).toEqual(['c'])
  expect(await fitted(10, { references })).toEqual([])
})

test('a program that is too long is replaced by one that fits, the same each time', async () => {
  const asked = { kind: 'induction', program: 'a' } as const
  expect(await fitted(200, asked)).toBe('a')
  expect(await fitted(20, asked)).toBe('c')
  expect(await fitted(40, asked)).toBe(await fitted(40, asked))
})

test('if nothing fits, the error names the knobs', async () => {
  await expect(fitted(3, { references: ['c'] })).rejects.toThrow(
    'leaves fewer than 96 of 99 tokens: raise engine.maxLength, or lower propose.maxTokens',
  )
})

test('a drafted proposal stays, whatever room there is now', async () => {
  const prompt = `<PD>${programs.c}<S>`
  expect(await fitted(2000, { references: ['c', 'b', 'a'] }, prompt)).toEqual(['c'])
  expect(await fitted(2000, { references: ['c', 'b', 'a'] }, 'another')).toEqual(['c', 'b', 'a'])
})

test('a replay takes from its rows which task was too long', async () => {
  const rows = new Map([['x', { reason: 'prompt too long' }]])
  const room = createRecordedRoom({ recorded: () => rows })
  const ask = (id: string) => room.isEnough({ id, prompt: 'p'.repeat(999), maxTokens: 9 }, signal)
  expect([await ask('x'), await ask('y')]).toEqual([false, true])
  // This is longer than the context with which the run began.
  const rest = { prompt: 'p'.repeat(9999), maxTokens: 9 }
  expect(['x', 'y'].map(id => room.isSurelyEnough({ id, ...rest }))).toEqual([true, false])
})
