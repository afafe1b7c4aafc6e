import { describe, expect, test } from 'vitest'
import { hangsOf } from '../../src/http/hangs.ts'
import type { MachineRow } from '../../state/reader-pages.ts'

const nowMs = 1_000_000
const machine = (actor: string, state: string, agoMs: number, heardAgoMs?: number): MachineRow => ({
  ...{ actor, state, since_ms: nowMs - agoMs, deadline_ms: 120_000 },
  last_message: heardAgoMs === undefined ? null : { type: 'x', at_ms: nowMs - heardAgoMs },
})
const quiet = { lastMs: nowMs, isPaused: false, nowMs }
const named = (machines: MachineRow[], told = quiet) =>
  hangsOf(machines, [], told).map(({ what }) => what)

describe('what stands still', () => {
  test.each([
    ['the engine says nothing', machine('solver', 'busy', 130_000, 130_000), 'solver'],
    ['the sandbox says nothing', machine('executor', 'busy', 130_000, 130_000), 'executor'],
    ['the learner says nothing', machine('trainer', 'working', 130_000), 'trainer'],
    ['a load takes for ever', machine('engine', 'loading', 130_000), 'engine'],
    ['a message was lost', machine('run', 'updating', 130_000, 125_000), 'run'],
  ])('%s', (_, late, what) => {
    expect(named([late])).toEqual([what])
    expect(hangsOf([late], [], quiet)[0]?.message).toMatch(/beyond its deadline of 120 s: look at /)
  })

  test('nobody who rests, or hears of his items, or is held', () => {
    expect(
      named([machine('engine', 'serving', 900_000), machine('trainer', 'idle', 900_000)]),
    ).toEqual([])
    expect(named([machine('solver', 'busy', 900_000, 500)])).toEqual([])
    expect(named([machine('solver', 'busy', 900_000)], { ...quiet, isPaused: true })).toEqual([])
  })

  test('a writer that waits: nothing is written while items are in hand', () => {
    const busy = machine('executor', 'busy', 100_000, 70_000)
    expect(named([busy], { ...quiet, lastMs: nowMs - 61_000 })).toEqual(['store'])
    expect(named([busy], { ...quiet, lastMs: nowMs - 5_000 })).toEqual([])
  })

  test('a suspended process, with its pid and what lets it go on', () => {
    const process = { pid: 42, name: 'engine', isSuspended: true, memory_bytes: 1 }
    const [hang] = hangsOf([], [process, { ...process, pid: 43 }], quiet)
    expect(hang).toMatchObject({
      what: 'engine',
      message: expect.stringMatching(/42, 43.*kill -CONT 42/),
    })
  })
})
