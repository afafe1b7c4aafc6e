/** Units that wait: which is next, and that abandoned work blocks no others. */
import { expect, test } from 'vitest'
import type { Report, Unit } from '../../sandbox/unit.ts'
import { createWaiting } from '../../sandbox/waiting.ts'
import { limits } from './hold.ts'

const settled: Report[] = []
const unit = (changes: Partial<Unit> = {}): Unit => ({
  mode: 'call',
  entry: 'f',
  limits,
  code: Buffer.alloc(0),
  payload: Buffer.alloc(0),
  mayShare: true,
  tries: 0,
  addedAt: performance.now(),
  isDropped: () => false,
  settle: report => settled.push(report),
  ...changes,
})
const alone = (changes: Partial<Unit> = {}) => unit({ mayShare: false, ...changes })
const create = (isReversed = false) => createWaiting(() => 4, isReversed)

test("units that may share go together, up to the limit and each idle server's part", () => {
  const waiting = create()
  for (let i = 0; i < 6; i++) waiting.add(unit())
  expect(waiting.take(2)?.units).toHaveLength(3)
  expect(waiting.take(1)?.units).toHaveLength(3)
  expect(waiting.take(1)).toBeNull()
})

test('while more units are coming a child is filled for one server, but nothing waits for ever', () => {
  const waiting = create()
  for (let i = 0; i < 6; i++) waiting.add(unit())
  expect(waiting.take(2, true)?.units).toHaveLength(4)
  expect(waiting.take(2, true)).toBeNull()
  expect(waiting.isHolding()).toBe(true)
  waiting.putBack(unit({ addedAt: performance.now() - 1000 }))
  expect(waiting.take(2, true)?.units).toHaveLength(3)
  expect(waiting.isHolding()).toBe(false)
})

test('a unit that runs alone starts while others wait to fill a child', () => {
  const waiting = create()
  waiting.add(unit())
  waiting.add(alone())
  expect(waiting.take(1, true)?.isShared).toBe(false)
  expect(waiting.take(1, true)).toBeNull()
  expect(waiting.take(1, false)?.isShared).toBe(true)
})

test('units with different limits are not mixed', () => {
  const waiting = create()
  waiting.add(unit())
  waiting.add(unit({ limits: { ...limits, timeoutMs: 7 } }))
  expect([waiting.take(1)?.units.length, waiting.take(1)?.units.length]).toEqual([1, 1])
})

test('many fast units go before a slow one, but it does not wait for ever', () => {
  const waiting = create()
  waiting.add(alone())
  waiting.add(unit())
  expect(waiting.take(1)?.isShared).toBe(true)
  waiting.add(alone({ addedAt: performance.now() - 10_000 }))
  expect(waiting.take(1)?.isShared).toBe(false)
})

test('abandoned units do not hide those that wait behind them', () => {
  const waiting = create()
  settled.length = 0
  waiting.add(alone({ addedAt: performance.now() - 10_000, isDropped: () => true }))
  waiting.add(unit())
  expect(waiting.take(1)?.units).toHaveLength(1)
  expect(settled).toMatchObject([{ outcome: 'ungraded' }])
})

test('the second lane takes them in the opposite order', () => {
  const waiting = create(true)
  const [one, two] = [unit(), unit()]
  waiting.add(one)
  waiting.add(two)
  expect(waiting.take(1)?.units).toEqual([two, one])
})
