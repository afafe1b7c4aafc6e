import { expect, test } from 'vitest'
import { wrap } from '../../lib/terminal.ts'
import { forecastLines } from '../../src/cli/forecast.ts'
import { loadConfig } from '../../src/config/load.ts'

const kinds = ['deduction', 'abduction', 'induction']
const itemsOf = (suite: string, count: number) =>
  kinds.flatMap(kind => Array.from({ length: count }, () => ({ suite, kind })))
const items = ['micro-easy', 'micro-hard'].flatMap(suite => [
  ...itemsOf(suite, 1000),
  ...itemsOf(`${suite}-dev`, 1000),
])
const told = (flags: [path: string, value: string][], preset = 'micro') => {
  const config = loadConfig(
    preset,
    flags.map(([path, value]) => ({ path, value })),
  )
  return forecastLines(config, 3, items, 'mine')
}

test('a run says in three lines what it will do, how long that takes, and how to continue', () => {
  const lines = told([])
  expect(lines).toHaveLength(3)
  expect(lines[0]).toMatch(/^100 steps of self-play/)
  expect(lines[1]).toBe('at the end the model before and after answers 6000 held-out tasks')
  expect(lines[2]).toMatch(/^about \d+ min .*azr resume mine/)
})

test('the time counts steps, and the final suites twice unless the base is known', () => {
  const minutes = (...flags: [string, string][]) =>
    Number(/about (\d+)/.exec(told(flags)[2] ?? '')?.[1])
  expect(minutes()).toBeGreaterThan(minutes(['evaluate.start', 'false']))
  expect(minutes(['evaluate.start', 'false'])).toBeGreaterThan(minutes(['evaluate.suites', '[]']))
  expect(minutes(['steps', '200'])).toBeGreaterThan(minutes())
})

test('without held-out suites, or with another engine, it promises no time', () => {
  expect(told([['evaluate.suites', '[]']])[1]).toBe('no held-out suite is scored')
  expect(told([], 'qwen2.5-coder-3b')[2]).toMatch(/^the first step shows how long it takes;/)
})

test('at 60 columns it takes six rows, none of them longer', () => {
  const rows = told([]).flatMap(line => wrap(line, 60))
  expect(rows.length).toBeLessThanOrEqual(6)
  expect(Math.max(...rows.map(row => row.length))).toBeLessThanOrEqual(60)
})
