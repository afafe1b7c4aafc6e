/** How answers to items of a held-out suite are judged, kept and added up. */
import { describe, expect, test } from 'vitest'
import type { Sandbox } from '../../../domain/execution.ts'
import { abduction } from '../../../domain/kinds/abduction.ts'
import { configSchema } from '../../../src/config/config.ts'
import { evaluationsDue } from '../../../src/run/work/due.ts'
import { attemptItem, gradeItem } from '../../../src/run/work/evaluate.ts'
import { scoreSuites } from '../../../src/run/work/scores.ts'
import { createVerdicts } from '../../../src/run/work/verdicts.ts'
import {
  asked,
  config,
  evaluate,
  judged,
  openEach,
  opened,
  ordersOf,
  portsOf,
  signal,
  suite,
} from './scripted-suite.ts'

describe('an item', () => {
  openEach()

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
