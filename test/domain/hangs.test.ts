import { describe, expect, test } from 'vitest'
import { hangsOf, type MachineRow, type Signs } from '../../domain/health/hangs.ts'
import type { Vitals } from '../../domain/health/vitals.ts'

const nowMs = 1_000_000
const machine = (actor: string, state: string, agoMs: number, heardAgoMs?: number): MachineRow => ({
  actor,
  state,
  since_ms: nowMs - agoMs,
  deadline_ms: 120_000,
  last_message: heardAgoMs === undefined ? null : { type: 'x', at_ms: nowMs - heardAgoMs },
})
const pid = 7
const depth = { waiting: 0, flying: 0, most: 8, still_ms: 0 }
const taken: Vitals = {
  pid,
  queues: { samples: depth, checks: depth },
  heard: {},
  writes: { rows: 0, oldest_ms: 0, commit_ms: 3 },
}
const quiet: Signs = {
  machines: [],
  processes: [],
  vitals: { at_ms: nowMs, taken },
  pid,
  isPaused: false,
  nowMs,
}
const found = (signs: Partial<Signs>) => hangsOf({ ...quiet, ...signs })
const named = (machines: MachineRow[], signs: Partial<Signs> = {}) =>
  found({ ...signs, machines }).map(({ what }) => what)

describe('hangs', () => {
  test.each([
    ['the engine says nothing', machine('solver', 'busy', 97_000, 97_000), 'solver'],
    ['the sandbox says nothing', machine('executor', 'busy', 97_000, 97_000), 'executor'],
    ['the learner says nothing', machine('trainer', 'working', 97_000), 'trainer'],
    ['a load takes for ever', machine('engine', 'loading', 97_000), 'engine'],
    ['a message was lost', machine('run', 'updating', 130_000, 97_000), 'run'],
  ])('%s: reported while there is still time to act', (_, late, what) => {
    expect(named([late])).toEqual([what])
    expect(found({ machines: [late] })[0]?.message).toMatch(/its deadline is 120 s.*: look at /)
  })

  test('an actor that rests, works on items or is paused does not hang', () => {
    expect(
      named([machine('engine', 'serving', 900_000), machine('trainer', 'idle', 900_000)]),
    ).toEqual([])
    expect(named([machine('solver', 'busy', 900_000, 500)])).toEqual([])
    expect(named([machine('solver', 'busy', 900_000)], { isPaused: true })).toEqual([])
  })

  test('a writer that waits: not even the pulse is written', () => {
    const vitals = { at_ms: nowMs - 31_000, taken }
    expect(named([], { vitals })).toEqual(['store'])
    expect(named([], { vitals: { ...vitals, at_ms: nowMs - 3000 } })).toEqual([])
  })

  test('the pulse of an earlier owner is ignored, and a suspended azr is named as such', () => {
    const vitals = { at_ms: nowMs - 90_000, taken }
    expect(named([], { vitals, pid: 8 })).toEqual([])
    const still = { pid, name: 'azr', isSuspended: true, memory_bytes: 1 }
    expect(named([], { vitals, processes: [still] })).toEqual(['azr'])
  })

  test.each([
    ['a transaction that is not over', { rows: 900, oldest_ms: 6000, commit_ms: 3 }],
    ['the last one', { rows: 0, oldest_ms: 0, commit_ms: 6000 }],
  ])('a slow disk: %s', (_, writes) => {
    const vitals = { at_ms: nowMs, taken: { ...taken, writes } }
    expect(found({ vitals })[0]).toMatchObject({
      what: 'store',
      message: expect.stringMatching(
        /a transaction takes 6 s and \d+ rows are waiting: the disk is slow/,
      ),
    })
  })

  test('a full queue that does not move is reported before the actors that wait for it', () => {
    const checks = { waiting: 90, flying: 8, most: 8, still_ms: 61_000 }
    const vitals = { at_ms: nowMs, taken: { ...taken, queues: { samples: depth, checks } } }
    const busy = machine('executor', 'busy', 61_000, 61_000)
    expect(named([busy], { vitals })).toEqual(['checks'])
    const moving = { ...taken, queues: { samples: depth, checks: { ...checks, still_ms: 900 } } }
    expect(named([busy], { vitals: { at_ms: nowMs, taken: moving } })).toEqual([])
  })

  test('a suspended process is named with its pid and the command that continues it', () => {
    const process = { pid: 42, name: 'engine', isSuspended: true, memory_bytes: 1 }
    const [hang] = found({ processes: [process, { ...process, pid: 43 }] })
    expect(hang).toMatchObject({
      what: 'engine',
      message: expect.stringMatching(/42, 43.*kill -CONT 42/),
    })
  })
})
