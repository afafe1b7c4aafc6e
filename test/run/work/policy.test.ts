/** Updates of a run: when skipped ones stop it, and how many tokens a pass may hold. */
import { describe, expect, test } from 'vitest'
import { configSchema } from '../../../src/config/config.ts'
import type { UpdateOptions, UpdateReport } from '../../../src/engine/types.ts'
import { fitted } from '../../../src/run/work/memory.ts'
import { asRecorded } from '../../../src/run/work/options.ts'
import { bringTo } from '../../../src/run/work/redo.ts'
import { update } from '../../../src/run/work/update.ts'
import type { Row, UpdateRow } from '../../../state/types.ts'

type Rows = Record<number, Partial<UpdateRow>>

const never = () => Promise.reject(new Error('This is not asked for'))

function portsOf(rows: Rows, fits: number) {
  const events: unknown[] = []
  const asked: number[] = []
  const memo = async <Name extends 'updates'>() => ({}) as Row<Name>
  const store = {
    folder: '',
    memo: memo as never,
    cached: () => undefined,
    read: {
      update: async (step: number) => rows[step] as UpdateRow | undefined,
      checkpoints: async () => [],
      batch: async () => [],
      promptIds: async () => [],
      rolloutsById: async () => [],
    },
    event: async (type: string, body?: unknown) => void events.push({ type, ...(body as object) }),
  }
  const learner = {
    isExact: true,
    load: never,
    update: never as () => Promise<UpdateReport>,
    probe: async (longest: number) => {
      asked.push(longest)
      return { microBatchTokens: fits, peakBytes: 5 }
    },
  }
  const config = configSchema.parse({ engine: { maxLength: 700 } })
  const held = { learner, weights: { version: 0, weightsHash: '' }, fits: null }
  return { ports: { config, store, model: '', held: () => held }, learner, events, asked }
}

describe('skipped updates', () => {
  const nan = 'gradient norm nan, loss nan'
  test('three in a row end the run, with the reason and what to do', async () => {
    const { ports } = portsOf({ 1: { skipped: nan }, 2: { skipped: nan }, 3: { skipped: nan } }, 1)
    await expect(update(ports, { step: 3, batch: [] })).rejects.toThrow(
      /3 updates in a row.*gradient norm nan.*Fork/,
    )
  })

  test.each([
    ['two are not enough', { 2: { skipped: nan }, 3: { skipped: nan } }],
    ['a good update between them', { 1: { skipped: nan }, 2: {}, 3: { skipped: nan } }],
    ['an empty batch does not count', { 1: { skipped: nan }, 2: { skipped: 'no sequences' } }],
  ])('%s', async (_, rows: Rows) => {
    await update(portsOf({ 3: { skipped: nan }, ...rows }, 1).ports, { step: 3, batch: [] })
  })
})

describe('a repeated update', () => {
  const redoing = (layout: UpdateRow['layout'], processes: number) => {
    const row = { layout, sequences: 0, weights_hash: 'as recorded' }
    const { ports, learner, events } = portsOf({ 1: row }, 1)
    learner.update = async () => ({ weightsHash: 'another', seconds: 1 }) as UpdateReport
    const config = configSchema.parse({ trainer: { processes } })
    return { done: bringTo({ ...ports, config }, 1), events }
  }

  test('gives the recorded weights', async () => {
    await expect(redoing({}, 1).done).rejects.toThrow(/Cannot redo the update of step 1 exactly/)
    const { done } = redoing({ processes: 2 }, 2)
    await expect(done).rejects.toThrow(/weights differ from those recorded/)
  })

  test('with another number of processes may round differently, which is reported', async () => {
    for (const [layout, processes] of [
      [{}, 2],
      [{ processes: 2 }, 1],
    ] as const) {
      const { done, events } = redoing(layout, processes)
      expect(await done).toBe('another')
      expect(events).toEqual([{ type: 'update.redone', step: 1, seconds: 1, isExact: false }])
    }
  })
})

describe('tokens per pass', () => {
  const options = { microBatchTokens: 16384 } as UpdateOptions
  test("the longest sequence is tried once, before a learner's first update", async () => {
    const { ports, events, asked } = portsOf({}, 4096)
    expect((await fitted(ports, 1, options)).microBatchTokens).toBe(4096)
    expect((await fitted(ports, 2, options)).microBatchTokens).toBe(4096)
    expect(asked).toEqual([700])
    const found = { longest: 700, microBatchTokens: 4096, peakBytes: 5 }
    expect(events).toEqual([{ type: 'memory.probed', ...found }])
  })

  test('a reduced number is kept, even in a resumed run', async () => {
    const { ports } = portsOf({ 4: { layout: { budgets: [4096, 1024] } } }, 8192)
    expect((await fitted(ports, 5, options)).microBatchTokens).toBe(1024)
    expect((await fitted(ports, 4, options)).microBatchTokens).toBe(8192)
  })

  test('a repeated update uses its recorded number; an older one is used as it was stored', () => {
    const layout = { budgets: [4096, 512] }
    expect(asRecorded({ layout }, options)).toEqual({ ...options, budgets: [4096, 512] })
    expect(asRecorded({ layout: {} }, options).budgets).toEqual([])
  })

  test('a repeated update uses its recorded options, whatever the fork has now', () => {
    const then = { ...options, learningRate: 1e-5, microBatchTokens: 512 }
    const layout = { threads: 2, minibatches: 4, microBatches: 7, budgets: [512], ...then }
    expect(asRecorded({ layout }, options)).toEqual({ ...then, budgets: [512] })
  })
})
