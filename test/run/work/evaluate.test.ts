/** How an item of a held-out suite is asked: its prompts, modes and seeds. */
import { describe, expect, test } from 'vitest'
import type { ItemOrder } from '../../../actors/messages.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { dialectOf } from '../../../domain/prompts/index.ts'
import { attemptItem } from '../../../src/run/work/evaluate.ts'
import { createRoom } from '../../../src/run/work/room.ts'
import {
  asked,
  config,
  encode,
  evaluate,
  openEach,
  opened,
  ordersOf,
  portsOf,
  signal,
  suite,
} from './scripted-suite.ts'

describe('an item', () => {
  openEach()

  test('is answered in each mode: forced answers begin with their mark, sampled ones are several', async () => {
    const ports = portsOf()
    const orders = ordersOf(ports).filter(({ kind }) => kind === 'deduction')
    await evaluate(ports, orders)
    expect(asked.map(({ prompt, temperature }) => [prompt.slice(-6), temperature])).toEqual([
      ['<I>4<S>'.slice(-6), 0],
      ['<I>4<S>'.slice(-6), 1],
      ['4<S><A>'.slice(-6), 0],
      ['4<S><T>'.slice(-6), 0],
    ])
    const rows = await opened.store.read.evaluationItems(0)
    const found = rows.map(({ mode, verdict, scratch }) => [mode, verdict, scratch])
    expect(found).toEqual([
      ['direct', 'correct', false],
      ['greedy', 'wrong', true],
      ['sampled', 'correct', false],
      ['sampled', 'correct', true],
      ['sampled', 'wrong', false],
      ['sampled', 'malformed', false],
      ['scratch', 'correct', true],
    ])
  })

  test('too long for any engine is wrong, with the reason, and requests nothing', async () => {
    const ports = {
      ...portsOf(),
      config: { ...config, engine: { ...config.engine, maxLength: 9 } },
    }
    const room = createRoom({ config: ports.config, engine: () => ({ sampler: { encode } }) })
    const orders = ordersOf(ports).filter(({ kind }) => kind === 'deduction')
    await evaluate({ ...ports, room }, orders)
    expect(asked).toEqual([])
    const rows = await opened.store.read.evaluationItems(0)
    expect(rows).toHaveLength(7)
    for (const row of rows)
      expect(row).toMatchObject({ verdict: 'wrong', detail: 'prompt too long' })
  })

  test.each([
    // Prompts that continue examples end like self-play, where the call is closed.
    [undefined, expect.arrayContaining([' =='])],
    [true, []],
  ])('in words %s: in the dialect code it ends at %j', async (isInWords, stop) => {
    const ports = portsOf()
    const prompt = () => 'Write a function.'
    const benchmark = { ...suite.benchmark, taskOf: undefined, prompt, isInWords }
    const suites = new Map([['tiny', { ...suite, benchmark }]])
    const dialect = dialectOf({ ...config, dialect: 'code' }, builtInKinds.all)
    const order = ordersOf(ports).find(
      ({ kind, mode }) => kind === 'abduction' && mode === 'greedy',
    )
    await opened.store.beginStep(0)
    const asking = dialect
    await attemptItem({ ...ports, dialect, asking, suites }, order as ItemOrder, 0, signal)
    expect(asked.map(request => request.stop)).toEqual([stop])
  })

  test('that is a task of self-play is asked like one under every template, because it is judged like one', async () => {
    const r1 = { ...config, dialect: 'r1' as const }
    const evaluating = { ...r1, evaluate: { ...r1.evaluate, template: 'chat' as const } }
    const dialect = dialectOf(r1, builtInKinds.all)
    const asking = dialectOf(r1, builtInKinds.all, 'chat')
    const ports = { ...portsOf(), config: evaluating, dialect, asking }
    const room = { ...ports.room, isEnough: async () => true }
    const order = ordersOf(ports).find(({ mode }) => mode === 'greedy')
    await opened.store.beginStep(0)
    await attemptItem({ ...ports, room }, order as ItemOrder, 0, signal)
    expect(String(asked[0]?.prompt)).toMatch(/Assistant: <think>$/)
  })

  test('has a row for each answer, with its own seed', async () => {
    const ports = portsOf()
    const sampled = ordersOf(ports).filter(({ mode }) => mode === 'sampled')
    await evaluate(ports, sampled)
    const first = sampled.find(({ kind }) => kind === 'deduction') as ItemOrder
    const { rollouts } = await opened.store.read.itemRows(first.id)
    expect(rollouts.map(({ id }) => id)).toEqual(
      [0, 1, 2, 3].map(n => `000000.evaluate.tiny:deduction:sampled.0000.${n}`),
    )
    const seeds = rollouts.map(({ seed }) => seed)
    expect(seeds).toEqual([0, 1, 2, 3].map(n => (asked[0]?.seed as number) + n))
    expect(Math.max(...seeds)).toBeLessThan(2 ** 31)
  })
})
