/** A run whose engine is gone, asleep, or fails requests. */
import { describe, expect, test } from 'vitest'
import { ItemError } from '../../actors/items.ts'
import { answerTrainer, never, rehearse, settle } from './harness.ts'

describe('run and engine', () => {
  test('after an earlier end the step continues with the policy of its own', async () => {
    const { ended, log } = rehearse({ evaluates: true, endedAt: 1 })
    expect((await ended).state).toBe('finished')
    const after = log.slice(log.indexOf('close 1') + 1, log.indexOf('plan 2.0') + 1)
    expect(after).toEqual(['policy.exported 1', 'load 1', 'policy.probed 1', 'plan 2.0'])
  })

  test('keeps its orders while the engine is gone, and continues when it is back', async () => {
    let died = false
    let starts = 0
    let kill: (error: Error) => void = () => {}
    const { ended, log } = rehearse({
      startEngine: async () => {
        starts += 1
      },
      watchEngine: () =>
        new Promise((_, reject) => {
          kill = reject
        }),
      item: async command => {
        if (command.type !== 'task.solve' || died) return
        died = true
        setTimeout(() => kill(new Error('killed')), 5)
        throw new ItemError(command, 'engine', 'engine is gone', null)
      },
    })
    expect((await ended).state).toBe('finished')
    expect(starts).toBe(2)
    expect(log.filter(line => line.startsWith('task.solve'))).toHaveLength(24)
  })

  test('gives up on an engine that cannot start, and says so', async () => {
    const { ended } = rehearse({ startEngine: () => Promise.reject(new Error('no such model')) })
    const { state, error } = await ended
    expect(state).toBe('failed')
    expect(error).toBe('Cannot continue as the engine failed: no such model')
  })

  test('continues after a failed request if the engine is alive', async () => {
    let failed = 0
    const { clock, ended } = rehearse({
      item: async command => {
        if (command.type !== 'task.propose' || failed++ > 0) return
        throw new ItemError(command, 'engine', 'connection reset', null)
      },
    })
    await settle()
    clock.increment(1000)
    expect((await ended).state).toBe('finished')
  })

  test('requests that fail together check once a second whether the engine is alive, and not for ever', async () => {
    let tries = 0
    const { clock, ended } = rehearse(
      {
        item: async command => {
          if (command.type !== 'task.propose') return
          tries += 1
          throw new ItemError(command, 'engine', 'connection reset', null)
        },
      },
      { maxRestarts: 0 },
    )
    await settle()
    expect(tries).toBe(3)
    clock.increment(1000)
    await settle()
    expect(tries).toBe(6)
    for (let second = 0; second < 40; second += 1) {
      clock.increment(1000)
      await new Promise(resolve => setTimeout(resolve, 2))
    }
    expect((await ended).error).toMatch(/Cannot finish task.propose .*connection reset/)
    expect(tries).toBeLessThanOrEqual(3 * 33)
  })

  describe('with an engine that sleeps while the learner works', () => {
    const sleeps = { sleeps: true }
    const order = (log: string[]) =>
      log.filter(line => /^(start engine|stop engine|sleep|policy.updated|load)/.test(line))

    test('updates only when it sleeps', async () => {
      const { ended, log } = rehearse({}, { ...sleeps, steps: 1 })
      expect((await ended).state).toBe('finished')
      expect(order(log)).toEqual(['start engine', 'load 0', 'sleep', 'policy.updated 1', 'load 1'])
    })

    test.each([
      ['that will not', () => Promise.reject(new Error('requests are in flight'))],
      ['that takes too long', never],
    ])(
      'an engine %s is stopped first, and started with the next policy',
      async (_, sleepEngine) => {
        const { clock, ended, log } = rehearse({ sleepEngine }, { ...sleeps, steps: 1 })
        await settle()
        clock.increment(5000)
        expect((await ended).state).toBe('finished')
        expect(order(log)).toEqual([
          'start engine',
          'load 0',
          'sleep',
          'stop engine',
          'policy.updated 1',
          'start engine',
          'load 1',
        ])
      },
    )

    test('an engine that dies asleep is not started before the next policy', async () => {
      let kill = (_: Error) => {}
      const { ended, log } = rehearse(
        {
          watchEngine: () => new Promise((_, reject) => (kill = reject)),
          trainer: async command => {
            if (command.type === 'policy.update') {
              await settle()
              kill(new Error('killed'))
              await settle()
            }
            return answerTrainer(command)
          },
        },
        { ...sleeps, steps: 1 },
      )
      expect((await ended).state).toBe('finished')
      expect(order(log)).toEqual([
        'start engine',
        'load 0',
        'sleep',
        'stop engine',
        'policy.updated 1',
        'start engine',
        'load 1',
      ])
    })
  })
})
