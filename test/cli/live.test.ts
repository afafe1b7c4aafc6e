import { Writable } from 'node:stream'
import { expect, test, vi } from 'vitest'
import { createTerminal } from '../../lib/terminal.ts'
import { learnedLine } from '../../src/cli/live.ts'
import { createCountdown } from '../../src/cli/progress.ts'

const step = (n: number, share: number) => {
  const counts = { proposals: 3, accepted: 3, rollouts: 120, executions: 12, trained: 12 }
  const times = { wall_ms: 4000, rolling_ms: 1, learner_ms: 1, evaluate_ms: 1, own_cpu_ms: 1 }
  const kinds = { 'accuracy.deduction': share, 'accuracy.abduction': share / 2 }
  const metrics = { ...kinds, 'valid.deduction': 0.9, 'valid.abduction': 0.7 }
  return { row: { step: n, policy_version: n, ...counts, ...times }, metrics }
}

test('the accuracy so far fits into one line of an 80 character terminal', () => {
  expect(learnedLine([])).toBe('')
  const rows = [0.1, 0.3, 0.5, 0.8].map((share, i) => step(i + 1, share))
  expect(learnedLine(rows)).toBe(
    'ded ▁▃▅█ 80%  abd ▁▃▅█ 40%  valid 80%  30 rollouts/s'.replace('abd', 'abd'),
  )
})

test('an evaluation shows how many items are answered, and the time for the rest at that pace', () => {
  const countdown = createCountdown()
  expect(countdown(160, 0)).toBe(' · 0 of 160 items')
  // Items answered before a kill come at once, and do not count for the pace.
  expect(countdown(100, 1000)).toBe(' · 60 of 160 items')
  expect(countdown(90, 31_500)).toBe(' · 70 of 160 items')
  expect(countdown(80, 61_000)).toBe(' · 80 of 160 items · 4 min left')
  expect(countdown(0, 62_000)).toBe('')
  expect(countdown(40, 63_000)).toBe(' · 0 of 40 items')
})

/** A terminal with this many columns, as the bytes that it receives. */
function fakeTerminal(columns: number, isTTY = true) {
  let sent = ''
  const stream = new Writable({
    write(chunk, _, done) {
      sent += chunk
      done()
    },
  })
  const terminal = createTerminal(Object.assign(stream, { isTTY, columns }) as never)
  return { terminal, sent: () => sent }
}

test('two lines are redrawn in place, cut to the width, and make room for a permanent line', () => {
  const { terminal, sent } = fakeTerminal(24)
  terminal.status(`${'a'.repeat(40)}\nshort`)
  terminal.line('stays')
  terminal.status('one')
  terminal.close()
  const up = '\r\u001b[2K\u001b[1A\u001b[2K'
  expect(sent()).toBe(`${'a'.repeat(22)}…\nshort${up}stays\none\r\u001b[2K`)
})

test('without a terminal the activity is printed after a minute of silence', () => {
  vi.useFakeTimers()
  try {
    const { terminal, sent } = fakeTerminal(80, false)
    terminal.status('0 of 9 items')
    vi.advanceTimersByTime(60_000)
    terminal.status('1 of 9 items\nno second line')
    terminal.status('2 of 9 items')
    vi.advanceTimersByTime(59_000)
    terminal.line('something else')
    vi.advanceTimersByTime(59_000)
    terminal.status('3 of 9 items')
    expect(sent()).toBe('1 of 9 items\nsomething else\n')
  } finally {
    vi.useRealTimers()
  }
})
