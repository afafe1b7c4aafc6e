import { describe, expect, test } from 'vitest'
import { rehearse, settle } from './harness.ts'

describe('run', () => {
  test('walks seeding and every step in order, and finishes', async () => {
    const { ended, log } = rehearse({ seedRounds: 2 })
    expect(await ended).toEqual({ state: 'finished', error: '' })
    const milestones = log.filter(line => /^(plan|score|close|policy|load)/.test(line))
    expect(milestones).toEqual([
      'policy.exported 0',
      'load 0',
      'policy.probed 0',
      'plan 0.0',
      'plan 0.1',
      'plan 0.2',
      'policy.probed 0',
      'close 0',
      'plan 1.0',
      'score 1',
      'policy.updated 1',
      'policy.saved 1',
      'policy.exported 1',
      'load 1',
      'policy.probed 1',
      'close 1',
      'plan 2.0',
      'score 2',
      'policy.updated 2',
      'policy.saved 2',
      'policy.exported 2',
      'load 2',
      'policy.probed 2',
      'close 2',
    ])
  })

  test('a collapse ends it if health.onCollapse is stop, with the reason', async () => {
    const why = 'entropy collapses since step 1'
    const { ended, log } = rehearse({
      closeStep: step => ({ next: step === 1 ? 'stop' : 'goOn', why }),
    })
    const { state, error } = await ended
    expect([state, error]).toEqual(['failed', expect.stringContaining(why)])
    expect(log).not.toContain('plan 2.0')
  })

  test('a collapse pauses it if health.onCollapse is pause, until it is resumed', async () => {
    const { actor, ended, log } = rehearse({
      closeStep: step => ({ next: step === 1 ? 'pause' : 'goOn', why: '' }),
    })
    while (!log.includes('plan 2.0')) await settle()
    await settle()
    expect(actor.getSnapshot().matches({ watch: 'paused' })).toBe(true)
    expect(log.filter(line => line.startsWith('task.propose 000002'))).toEqual([])
    actor.send({ type: 'run.resume' })
    expect((await ended).state).toBe('finished')
  })

  test('gives out orders while credits are left, and samples every estimate once', async () => {
    const { ended, flight, log } = rehearse({ item: () => new Promise(r => setTimeout(r, 1)) })
    await ended
    // The last of three credits is enough for the two answers of an estimate.
    expect(flight.most).toEqual({ sample: 3 + 1, check: 2 })
    const estimates = log.filter(line => /^task.solve 00000[12].estimate/.test(line))
    expect(estimates).toHaveLength(2 * 3 * 4)
    expect(new Set(estimates).size).toBe(estimates.length)
  })

  test('samples no more than may wait if checks are slower', async () => {
    let [unchecked, most] = [0, 0]
    const { ended } = rehearse({
      perKind: 20,
      item: async ({ type, order }) => {
        const size = 'samples' in order ? order.samples : 1
        const isCheck = type.endsWith('.check')
        if (!isCheck) unchecked += size
        most = Math.max(most, unchecked)
        if (!isCheck) return
        await new Promise(resolve => setTimeout(resolve, 1))
        unchecked -= size
      },
    })
    await ended
    // Two checks with two answers each, at most two answers that wait, and four in flight.
    expect(most).toBeLessThanOrEqual(2 * 2 + 2 + 4)
  })

  test('scores only when all kinds are settled and every answer is graded', async () => {
    const { ended, log } = rehearse({
      item: () => new Promise(r => setTimeout(r, Math.random() * 3)),
    })
    await ended
    const score = log.indexOf('score 1')
    for (const kind of ['deduction', 'abduction', 'induction']) {
      expect(log.indexOf(`settle 1 ${kind}`)).toBeLessThan(score)
    }
    const graded = log.slice(0, score).filter(line => line.startsWith('answer.check 000001'))
    expect(graded).toHaveLength(12)
  })

  test('the base is scored at the end, with its weights in the engine again', async () => {
    const { ended, log } = rehearse({ evaluates: true })
    expect(await ended).toEqual({ state: 'finished', error: '' })
    const end = log.slice(log.indexOf('score 2'))
    const told = /^(sleep|policy|load|item.attempt|suites|close)/
    expect(end.filter(line => told.test(line))).toEqual([
      'policy.updated 2',
      'policy.saved 2',
      'policy.exported 2',
      'load 2',
      'policy.probed 2',
      'item.attempt 2.suite.0',
      'suites.score 2@2',
      'policy.exported 0',
      'load 0',
      'policy.probed 0',
      'item.attempt 0.suite.0',
      'suites.score 2@0',
      'close 2',
    ])
  })

  test('an engine on the same card sleeps while the learner loads the base', async () => {
    const { ended, log } = rehearse({ evaluates: true }, { sleeps: true })
    expect((await ended).state).toBe('finished')
    const end = log.slice(log.indexOf('suites.score 2@2') + 1)
    expect(end.filter(line => /^(sleep|policy|load)/.test(line))).toEqual([
      'sleep',
      'policy.exported 0',
      'load 0',
      'policy.probed 0',
    ])
  })

  test('pausing stops new samples, resuming continues', async () => {
    const { actor, ended, log } = rehearse({ item: () => new Promise(r => setTimeout(r, 2)) })
    await settle()
    actor.send({ type: 'run.pause' })
    await settle()
    const held = log.filter(line => line.startsWith('task.')).length
    await settle()
    expect(log.filter(line => line.startsWith('task.')).length).toBe(held)
    actor.send({ type: 'run.resume' })
    expect((await ended).state).toBe('finished')
  })

  test('leaves no finished child behind', async () => {
    const { actor, ended } = rehearse()
    await ended
    const { children } = actor.getSnapshot()
    expect(Object.keys(children).sort()).toEqual([
      'engine',
      'evaluator',
      'executor',
      'proposer',
      'solver',
      'trainer',
    ])
  })
})
