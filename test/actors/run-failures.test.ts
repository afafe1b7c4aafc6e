/** The run when an item, an actor or a policy fails. */
import { describe, expect, test } from 'vitest'
import { ItemError } from '../../actors/items.ts'
import { never, rehearse, settle } from './harness.ts'

describe('run', () => {
  test('retries a failed item, and fails with its name after the last attempt', async () => {
    let failures = 0
    const once = rehearse({
      item: async command => {
        if (command.type === 'answer.check' && failures++ === 0) throw new Error('lost')
      },
    })
    expect((await once.ended).state).toBe('finished')
    const always = rehearse({
      item: async command => {
        if (command.type === 'proposal.check') throw new Error('sandbox is gone')
      },
    })
    const { state, error } = await always.ended
    expect(state).toBe('failed')
    expect(error).toMatch(
      /Cannot finish proposal.check of 0.seed.\w+.\d+.0: Error: sandbox is gone/,
    )
  })

  test('a check that failed because of the engine waits until the engine is back', async () => {
    let [isThere, starts] = [true, 0]
    let die = (_: Error) => {}
    const { ended, log } = rehearse({
      startEngine: async () => {
        await settle()
        starts += 1
        isThere = true
      },
      watchEngine: () =>
        new Promise<never>((_, reject) => {
          die = reject
        }),
      item: async command => {
        if (command.type !== 'proposal.check') return
        if (starts === 1) {
          isThere = false
          die(new Error('killed'))
        }
        if (!isThere) throw new ItemError(command, 'engine', 'gone', null)
      },
    })
    expect(await ended).toEqual({ state: 'finished', error: '' })
    expect(log.filter(line => line === 'start engine')).toHaveLength(2)
  })

  test('a passed deadline names the actor that is stuck', async () => {
    const { clock, ended } = rehearse({ item: never })
    await settle()
    clock.increment(1000)
    const { state, error } = await ended
    expect(state).toBe('failed')
    expect(error).toMatch(
      /the proposer failed: no answer within the deadline from 3 items: task.propose:0/,
    )
    expect(error).toMatch(/deadlines.itemSeconds has to be enough for all answers to one prompt/)
  })

  test('a learner that hangs is named with its command', async () => {
    const { clock, ended } = rehearse({ trainer: never })
    await settle()
    clock.increment(5000)
    expect((await ended).error).toMatch(/the trainer failed: learner did not answer policy.export/)
  })

  test('a policy beyond the tolerance is loaded once more, then the run stops', async () => {
    const { ended, log } = rehearse({
      trainer: async command => {
        if (command.type === 'policy.export') {
          return { type: 'policy.exported', version: command.version, path: 'p' }
        }
        const found = { passed: false, largest: 0.5, measured: 'rms 0.5', suspect: 'stale' }
        return { type: 'policy.probed', version: 0, ...found }
      },
    })
    const { state, error } = await ended
    expect(state).toBe('failed')
    expect(error).toMatch(/Cannot trust policy 0: rms 0.5. Most likely stale/)
    expect(log.filter(line => line === 'load 0')).toHaveLength(2)
  })

  test('scores that cannot be added up end the run with their name', async () => {
    const { ended } = rehearse({
      evaluates: true,
      item: async command => {
        if (command.type === 'suites.score') throw new Error('disk is full')
      },
    })
    expect((await ended).error).toMatch(/Cannot finish suites.score of \d@\d: Error: disk is full/)
  })
})
