/** Items of held-out suites, with a scripted engine, a counting sandbox and a real store. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ItemOrder } from '../../../actors/messages.ts'
import type { Sandbox } from '../../../domain/execution.ts'
import { abduction } from '../../../domain/kinds/abduction.ts'
import { builtInKinds } from '../../../domain/kinds/index.ts'
import { dialectOf, microDialect } from '../../../domain/prompts/index.ts'
import { findSuite, suiteOf } from '../../../src/benchmarks/suites.ts'
import { configSchema } from '../../../src/config/config.ts'
import type { SamplingRequest } from '../../../src/engine/types.ts'
import { evaluationsDue } from '../../../src/run/work/due.ts'
import { attemptItem, gradeItem } from '../../../src/run/work/evaluate.ts'
import { createRoom } from '../../../src/run/work/room.ts'
import { scoreSuites } from '../../../src/run/work/scores.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import { type OpenRun, openRun } from '../../../state/open.ts'
import { temporary } from '../../temporary.ts'

const config = configSchema.parse({
  steps: 0,
  evaluate: {
    suites: ['tiny'],
    modes: ['greedy', 'sampled', 'direct', 'scratch'],
    samples: 4,
    maxTokens: 9,
  },
})
const { signal } = new AbortController()

const item = (kind: 'deduction' | 'abduction', output: string) => ({
  id: `tiny.${kind}`,
  kind,
  program: 'def f(a):\n return a + 1',
  hash: `tiny.${kind}`,
  normalized: '',
  message: '',
  pairs: [{ input: '4', output, canonical: '' }],
})
const suite = suiteOf(findSuite('tiny'), [item('deduction', '5'), item('abduction', '5')])

/**
 * The model's answers, chosen by the mark at the end of the prompt; sampled ones by their number.
 */
function completionsOf({ temperature, ...request }: SamplingRequest, count: number): string[] {
  const prompt = String(request.prompt)
  if (prompt.endsWith('<A>')) return ['5']
  if (prompt.endsWith('<T>')) return ['5;<A>5']
  if (temperature === 0) return ['<T>5;<A>6']
  return ['<A>5', '<T>5;<A>5', '<A>4', '5'].slice(0, count)
}

let home: string
let opened: OpenRun
let asked: SamplingRequest[]
let judged: string[]

type Items = Parameters<typeof attemptItem>[0] & Parameters<typeof gradeItem>[0]

/** One token per letter. */
const encode = async (text: string) => Int32Array.from(text, letter => letter.charCodeAt(0))

function portsOf(): Items {
  const literal = async (text: string) => {
    judged.push(text)
    return { ok: true as const, canonical: text, display: text }
  }
  const sandbox = {
    readLiteral: literal,
    readArguments: async (text: string) => ({ ok: true as const, canonical: text, display: text }),
    inspect: async () => ({ ok: false as const, error: 'no suite has one' }),
    execute: async ({ inputs }: { inputs: string[] }) => {
      judged.push(`f(${inputs[0]})`)
      const value = String(Number(inputs[0]) + 1)
      return [
        {
          outcome: 'returned' as const,
          output: value,
          canonical: value,
          error: null,
          literal: true,
        },
      ].map(execution => ({ ...execution, inputCanonical: '', cpuMs: 1, peakMemoryBytes: 1 }))
    },
  }
  const completeMany = async (request: SamplingRequest, count: number) => {
    asked.push(request)
    return completionsOf(request, count).map(text => ({
      text,
      promptIds: new Int32Array([1]),
      ids: new Int32Array([2]),
      logprobs: new Float32Array([0]),
      finishReason: 'stop' as const,
    }))
  }
  return {
    config,
    sandbox,
    store: opened.store,
    kinds: builtInKinds,
    dialect: microDialect,
    asking: microDialect,
    suites: new Map([['tiny', suite]]),
    room: createRoom({ config, engine: () => ({ sampler: { encode } }) }),
    verdicts: createVerdicts(sandbox),
    graders: { grade: async () => Promise.reject(new Error('no suite is a benchmark')) },
    engine: () => ({ sampler: { completeMany } }),
    frame: async ({ question }) => question,
  }
}

const ordersOf = (ports: Items) => evaluationsDue(ports, 0, [])[0]?.orders ?? []

async function evaluate(ports: Items, orders: ItemOrder[]): Promise<void> {
  await opened.store.beginStep(0)
  for (const order of orders) {
    await attemptItem(ports, order, 0, signal)
    await gradeItem(ports, order, signal)
  }
}

describe('an item', () => {
  beforeEach(async () => {
    home = temporary('evaluate')
    const run = { name: 'one', preset: 'x', seed: 1, config: {}, versions: {}, created_at_ms: 0 }
    opened = await openRun(home, 'one', run)
    asked = []
    judged = []
  })
  afterEach(async () => {
    await opened.release()
  })

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

  test('equal answers are judged once, and each has its executions', async () => {
    const ports = portsOf()
    const orders = ordersOf(ports).filter(({ kind }) => kind === 'abduction')
    await evaluate(ports, orders)
    const runs = judged.filter(text => text.startsWith('f('))
    expect(runs.sort()).toEqual(['f(4)', 'f(5)', 'f(6)'])
    const rows = await Promise.all(orders.map(({ id }) => opened.store.read.itemRows(id)))
    const executions = rows.flatMap(row => row.executions.map(run => run.rollout_id))
    expect(new Set(executions).size).toBe(6)
  })

  test('with existing rows is neither asked nor judged again', async () => {
    const ports = portsOf()
    const orders = ordersOf(ports)
    await evaluate(ports, orders.slice(0, 3))
    const [before, verdicts] = [asked.length, judged.length]
    await evaluate(portsOf(), orders.slice(0, 3))
    expect([asked.length, judged.length]).toEqual([before, verdicts])
    await evaluate(portsOf(), orders)
    expect(asked.length).toBe(orders.length)
  })

  test('leaves memory when it is graded, and its rows still count', async () => {
    const ports = portsOf()
    const orders = ordersOf(ports)
    await evaluate(ports, orders)
    const tables = ['rollouts', 'evaluation_items', 'executions'] as const
    for (const table of tables) expect(opened.store.rowsOf(table)).toEqual([])
    const answers = orders.reduce((sum, { samples }) => sum + samples, 0)
    expect(tables.map(table => opened.store.count(table))).toEqual([answers, answers, 6])
    await evaluate(portsOf(), orders)
    expect(tables.map(table => opened.store.count(table))).toEqual([answers, answers, 6])
  })

  test('a suite is added up once, by kind and mode', async () => {
    const ports = portsOf()
    const orders = ordersOf(ports)
    await evaluate(ports, orders)
    await scoreSuites(opened.store, { step: 0, version: 0 }, orders)
    await scoreSuites(opened.store, { step: 0, version: 0 }, orders)
    const rows = await opened.store.read.evaluations()
    expect(rows).toHaveLength(8)
    const sampled = rows.find(row => row.mode === 'sampled' && row.kind === 'deduction')
    const figures = {
      items: 1,
      samples: 4,
      correct: 2,
      accuracy: 0.5,
      passed: 1,
      scratched: 1,
      cut: 0,
    }
    expect(sampled).toMatchObject(figures)
  })

  test('of the base is asked at the end and counts for step 0, once', async () => {
    const ports = { ...portsOf(), config: { ...config, steps: 3 } }
    expect(evaluationsDue(ports, 0, [])).toEqual([])
    const due = evaluationsDue(ports, 3, [])
    expect(due.map(({ version }) => version)).toEqual([3, 0])
    await opened.store.beginStep(3)
    for (const { version, orders } of due) {
      for (const order of orders.slice(0, 2)) {
        await attemptItem(ports, order, version, signal)
        await gradeItem(ports, order, signal)
      }
      await scoreSuites(opened.store, { step: 3, version }, orders.slice(0, 2))
    }
    const ids = due.flatMap(({ orders }) => orders.slice(0, 2).map(({ id }) => id))
    const read = await Promise.all(ids.sort().map(id => opened.store.read.itemRows(id)))
    const rollouts = read.flatMap(rows => rows.rollouts)
    expect(rollouts.every(({ step }) => step === 3)).toBe(true)
    const answers = rollouts.map(({ id, policy_version }) => `${id.slice(0, 6)} ${policy_version}`)
    expect([...new Set(answers)]).toEqual(['000000 0', '000003 3'])
    const rows = await opened.store.read.evaluations()
    expect(rows.map(({ step, made_in }) => `${step} ${made_in}`)).toEqual([
      '0 3',
      '0 3',
      '3 3',
      '3 3',
    ])
    expect(evaluationsDue(ports, 3, rows)).toEqual(due)
    const longer = { ...ports, config: { ...config, steps: 5 } }
    expect(evaluationsDue(longer, 5, rows).map(({ version }) => version)).toEqual([5])
    const before = asked.length
    await opened.store.beginStep(3)
    for (const { version, orders } of due) {
      for (const order of orders.slice(0, 2)) await attemptItem(ports, order, version, signal)
    }
    expect(asked.length).toBe(before)
  })
})

test('parts that ask for the same item get one answer', () => {
  const both = configSchema.parse({
    evaluate: { suites: ['tiny'], between: { suites: ['tiny'], items: 1 } },
  })
  const suites = new Map([['tiny', suite]])
  expect(evaluationsDue({ config: both, suites }, 0, [])[0]?.orders).toHaveLength(2)
})

test('a failure of the sandbox is judged again', async () => {
  let calls = 0
  const execute = async () => {
    calls += 1
    const outcome = calls === 1 ? 'ungraded' : 'returned'
    return [{ outcome, canonical: '5', error: null }]
  }
  const read = async (text: string) => ({ ok: true, canonical: text, display: text })
  const verdicts = createVerdicts({ execute, readArguments: read } as unknown as Sandbox)
  const limits = { timeoutMs: 1, memoryMb: 1, maxOutputBytes: 1, runs: 2 } as const
  const question = { program: '', inputs: [], expected: ['5'], answer: '4' }
  const ask = () => verdicts({ id: 'a', task: 'a' }, abduction, question, limits)
  expect(await ask()).toMatchObject({ isUngraded: true })
  expect(await ask()).toMatchObject({ isUngraded: false, right: 1 })
  await ask()
  expect(calls).toBe(2)
})
