/** Updates as the run sees them: when it stops over skipped ones, and how much a pass may hold. */
import { describe, expect, test } from 'vitest'
import { configSchema } from '../../../src/config/config.ts'
import type { UpdateOptions } from '../../../src/engine/types.ts'
import { asRecorded, fitted } from '../../../src/run/work/memory.ts'
import { bringTo, update } from '../../../src/run/work/policy.ts'
import { emptySession, type Ports } from '../../../src/run/work/ports.ts'

type Rows = Record<number, { skipped?: string | null; layout?: { budgets: number[] } }>

function portsOf(rows: Rows, fits: number) {
  const events: unknown[] = []
  const asked: number[] = []
  const store = {
    memo: async () => ({}),
    read: { update: async (step: number) => rows[step] },
    event: async (type: string, body: object) => events.push({ type, ...body }),
  }
  const learner = {
    probe: async (longest: number) => {
      asked.push(longest)
      return { microBatchTokens: fits, peakBytes: 5 }
    },
  }
  const config = configSchema.parse({ engine: { maxLength: 700 } })
  const session = emptySession(3)
  const ports = { config, store, session, fits: null, learner: () => learner }
  return { ports: ports as unknown as Ports, events, asked }
}

describe('updates that are skipped', () => {
  const nan = 'gradient norm nan, loss nan'
  test('three in a row end the run, which says why and what to do', async () => {
    const { ports } = portsOf({ 1: { skipped: nan }, 2: { skipped: nan }, 3: { skipped: nan } }, 1)
    await expect(update(ports, 3)).rejects.toThrow(/3 updates in a row.*gradient norm nan.*Fork/)
  })

  test.each([
    ['two do not', { 2: { skipped: nan }, 3: { skipped: nan } }],
    ['one that went well between them', { 1: { skipped: nan }, 2: {}, 3: { skipped: nan } }],
    ['an empty batch is none of them', { 1: { skipped: nan }, 2: { skipped: 'no sequences' } }],
  ])('%s', async (_, rows: Rows) => {
    await update(portsOf({ 3: { skipped: nan }, ...rows }, 1).ports, 3)
  })
})

describe('an update that is done again', () => {
  const redoing = (layout: object, processes: number) => {
    const { ports, events } = portsOf({}, 1)
    const row = { layout, sequences: 0, weights_hash: 'as recorded' }
    const read = { update: async () => row, batch: async () => [] }
    const update = async () => ({ weightsHash: 'another', seconds: 1 })
    const learner = () => ({ isExact: true, update })
    const config = configSchema.parse({ trainer: { processes } })
    const store = { ...ports.store, read }
    const given = { ...ports, config, learner, held: { version: 0, weightsHash: '' }, store }
    return { done: bringTo(given as unknown as Ports, 1), events }
  }

  test('gives the weights that it gave', async () => {
    await expect(redoing({}, 1).done).rejects.toThrow(/Cannot redo the update of step 1 exactly/)
    const { done } = redoing({ processes: 2 }, 2)
    await expect(done).rejects.toThrow(/weights differ from those recorded/)
  })

  test('by another number of processes it may round differently, which is told', async () => {
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

describe('tokens a pass', () => {
  const options = { microBatchTokens: 16384 } as UpdateOptions
  test('the longest sequence is tried once, before the first update of a learner', async () => {
    const { ports, events, asked } = portsOf({}, 4096)
    expect((await fitted(ports, 1, options)).microBatchTokens).toBe(4096)
    expect((await fitted(ports, 2, options)).microBatchTokens).toBe(4096)
    expect(asked).toEqual([700])
    const found = { longest: 700, microBatchTokens: 4096, peakBytes: 5 }
    expect(events).toEqual([{ type: 'memory.probed', ...found }])
  })

  test('what an update before had to make smaller stays so, also in a run that was resumed', async () => {
    const { ports } = portsOf({ 4: { layout: { budgets: [4096, 1024] } } }, 8192)
    expect((await fitted(ports, 5, options)).microBatchTokens).toBe(1024)
    expect((await fitted(ports, 4, options)).microBatchTokens).toBe(8192)
  })

  test('an update that is done again is cut as it was; one of before this was stored as it is', () => {
    const layout = { budgets: [4096, 512] }
    expect(asRecorded({ layout }, options)).toEqual({ ...options, budgets: [4096, 512] })
    expect(asRecorded({ layout: {} }, options).budgets).toEqual([])
  })

  test('and under the options that it had, whatever a fork has now', () => {
    const then = { ...options, learningRate: 1e-5, microBatchTokens: 512 }
    const layout = { threads: 2, minibatches: 4, microBatches: 7, budgets: [512], ...then }
    expect(asRecorded({ layout }, options)).toEqual({ ...then, budgets: [512] })
  })
})
