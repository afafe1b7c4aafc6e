/** Records of finished runs: they count for their own base, preset, flags and suites only. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Arm, arms } from '../../bench/learning/arms.ts'
import type { Measured } from '../../bench/learning/cells.ts'
import { pack, readRecords, unpack, writeRecord } from '../../bench/learning/records.ts'

const fixture = join(import.meta.dirname, '..', 'fixtures', 'learning', 'measured.json')
const [run] = JSON.parse(readFileSync(fixture, 'utf8')) as [Measured]
const full = arms.full as Arm
let out = ''
const options = () => ({
  out,
  isDev: false,
  steps: null,
  items: null,
  arms,
  suites: ['micro-easy', 'micro-hard'],
})

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'azr-records-'))
  writeRecord(options(), full, run)
})
afterEach(() => rmSync(out, { recursive: true }))

test('a record returns what was measured', () => {
  expect(readRecords(options()).find('full', 101)).toEqual(run)
  expect(readRecords(options()).find('full', 102)).toBeUndefined()
  const { lr0 } = arms
  expect(readRecords({ ...options(), arms: { lr0: lr0 as Arm } }).find('full', 101)).toEqual(run)
})

test('shares are one digit per item if that is exact', () => {
  const [cell] = run.start.filter(one => one.mode === 'sampled')
  if (!cell) throw new Error('the fixture has no sampled cell')
  expect(pack(cell).shares).toBe('0112')
  const odd = { ...cell, shares: [1 / 3, 0] }
  expect(unpack(pack(odd))).toEqual(odd)
})

test('other flags, suites, steps or numbers of items are other settings', () => {
  const found = (change: object) => readRecords({ ...options(), ...change }).find('full', 101)
  expect(found({ arms: { full: { ...full, flags: ['--propose.batch=3'] } } })).toBeUndefined()
  expect(found({ suites: ['micro-easy-dev', 'micro-hard-dev'] })).toBeUndefined()
  expect(found({ items: 2 })).toBeUndefined()
  expect(found({ steps: 3 })).toBeUndefined()
})

test('a record of another base does not count', () => {
  const path = join(out, 'runs', 'full-101.json')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, text.replace(/"base": "[^"]+"/, '"base": "another"'))
  expect(readRecords(options()).find('full', 101)).toBeUndefined()
  expect(readRecords(options()).freeStart(101, null)).toBeUndefined()
})

test('the start may come from any arm of the same seed; forced scores from any seed', () => {
  const { freeStart, forcedStart } = readRecords(options())
  expect(freeStart(101, null)?.map(cell => cell.mode)).not.toContain('direct')
  expect(freeStart(101, null)?.length).toBeGreaterThan(0)
  expect(freeStart(7, null)).toBeUndefined()
  expect(new Set(forcedStart()?.map(cell => cell.mode))).toEqual(new Set(['direct', 'scratch']))
})

test('an arm with fewer items takes that part of another start, never the other way round', () => {
  const starts = (arm: Arm, items: number | null) => {
    rmSync(join(out, 'runs'), { recursive: true })
    writeRecord(options(), arm, run)
    return readRecords(options()).freeStart(101, items)
  }
  expect(starts({ ...full, items: 3 }, null)).toBeUndefined()
  expect(starts({ ...full, items: 3 }, 4)).toBeUndefined()
  const whole = run.start.find(one => one.mode === 'sampled')
  const part = starts(full, 2)?.find(one => one.mode === 'sampled')
  expect(whole?.shares).toEqual([0, 1 / 4, 1 / 4, 2 / 4])
  expect(part).toMatchObject({
    items: 2,
    shares: [0, 1 / 4],
    accuracy: 1 / 8,
    correct: 1,
    passed: 1,
    scratched: null,
  })
})
