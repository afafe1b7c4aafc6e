import { describe, expect, test } from 'vitest'
import type { Line } from '../../domain/held-out.ts'
import { deduction } from '../../domain/kinds/deduction.ts'
import { induction } from '../../domain/kinds/induction.ts'
import type { Sample } from '../../domain/sample.ts'
import { fold } from '../../lib/terminal.ts'
import { stepLine } from '../../src/cli/progress.ts'
import { runLines } from '../../src/cli/runs.ts'
import { sampleLines } from '../../src/cli/sample-lines.ts'
import { bars, scoreTable } from '../../src/cli/score-table.ts'

const noLearnable = { deduction: [], abduction: [], induction: [] }

test('a step shows the share of cached prompt tokens, if the engine counts them', () => {
  const row = { step: 3, wall_ms: 1200, accepted: 1, proposals: 4 } as never
  const counted = { 'engine.prefix.asked': 4000, 'engine.prefix.cached': 3000 }
  expect(stepLine(row, counted, 10)).toContain('cached  75%')
  expect(stepLine(row, {}, 10)).not.toContain('cached')
})

function line(values: number[], some: Partial<Line> = {}): Line {
  const points = values.map((value, i) => {
    return { step: i * 20, value, low: value - 0.03, high: value + 0.03 }
  })
  const base = { suite: 'micro-easy', kind: 'deduction', mode: 'greedy', items: 100, set: 'a' }
  return { ...base, points, ...some } as Line
}

test('a step without a valid task of a kind says so', () => {
  const row = { step: 3, wall_ms: 1200, accepted: 1, proposals: 4 } as never
  const metrics = { 'valid.deduction': 0.5, 'valid.abduction': 0, 'valid.induction': 0 }
  const words = 'no valid proposal for abduction, induction: this step trains without'
  expect(stepLine(row, metrics, 10)).toContain(words)
  expect(stepLine({ ...(row as object), step: 0 } as never, metrics, 10)).toContain(words)
  expect(stepLine(row, { ...metrics, 'valid.abduction': 0.1 }, 10)).toContain('for induction:')
  expect(stepLine({ ...(row as object), step: 0 } as never, metrics, 0)).toMatch(/^scored +\d/)
  expect(stepLine(row, { 'valid.deduction': 0.5 }, 10)).not.toContain('no valid proposal')
})

describe('the table of scores', () => {
  test('shows the first and last score, its interval, and the way between', () => {
    const lines = [line([0.5, 0.55, 0.6]), line([0.2], { kind: 'induction' })]
    expect(scoreTable(lines, noLearnable, 100)).toEqual([
      '  held out, 95% intervals  deduction           induction',
      '  micro-easy greedy        50→60% [57–63] ▁▅█  20% [17–23]',
    ])
  })

  test('has a row for the share of learnable tasks', () => {
    const learnable = {
      ...noLearnable,
      abduction: [[1, 0.2] as [number, number], [2, 0.4] as [number, number]],
    }
    expect(scoreTable([], learnable, 100)[1]).toBe('  learnable tasks          20→40%    ▁█')
  })

  test('keeps scores on other items in separate rows', () => {
    const lines = [line([0.5, 0.6]), line([0.1, 0.2], { items: 20, set: 'b' })]
    const rows = scoreTable(lines, noLearnable, 100)
    expect(rows[1]).toContain('micro-easy greedy, 100 items  50→60%')
    expect(rows[2]).toContain('micro-easy greedy, 20 items   10→20%')
  })

  test.each([40, 60, 80, 100, 120])('never takes more than %i characters', width => {
    const kinds = ['deduction', 'abduction', 'induction'] as const
    const long = Array.from({ length: 30 }, (_, i) => i / 30)
    const lines = kinds.map(kind => line(long, { kind, suite: 'micro-hard-dev' }))
    const rows = scoreTable(lines, noLearnable, width)
    expect(Math.max(...rows.map(row => [...row].length))).toBeLessThanOrEqual(width)
  })

  test('draws noise small', () => {
    expect(bars([0.5, 0.51, 0.5], 8)).toBe('▁▁▁')
    expect(bars([0.1, 0.5, 0.9], 8)).toBe('▁▅█')
    expect(bars([0, 0, 1, 1], 2)).toBe('▁█')
  })
})

const sample: Sample = {
  id: '000020.propose.deduction.0003.0',
  step: 20,
  kind: 'deduction',
  message: '',
  program: 'def f(a):\n return [a, 2]',
  pairs: [{ input: '1', output: '[1, 2]', canonical: '[1,2]' }],
  success_rate: 0.75,
  estimates: 8,
  answers: [
    { answer: '[1, 2]', working: 'x1;', verdict: 'correct', count: 6 },
    { answer: '[2]', working: null, verdict: 'wrong', count: 1 },
  ],
}

describe('a sample', () => {
  test('is the program, the question, and the answers', () => {
    expect(sampleLines(sample, deduction, 100)).toEqual([
      '  invented at step 20: deduction, solved 6 of 8 times',
      '    def f(a):',
      '     return [a, 2]',
      '    what is f(1)? [1, 2]',
      '    > correct ×6: [1, 2]  working x1;',
      '    > wrong: [2]',
    ])
  })

  test('cannot control a terminal, wherever its text is', () => {
    const evil = '\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e\r\u2028\u200e\u{e0041}\ud800'
    const hostile: Sample = {
      ...sample,
      kind: 'induction',
      program: `def f(a):\n return '${evil}'`,
      pairs: [{ input: evil, output: evil, canonical: evil }],
      message: `${evil}\nsecond`,
      answers: [{ answer: evil, working: `${evil}\n${evil}`, verdict: 'wrong', count: 1 }],
    }
    const text = sampleLines(hostile, induction, 1000).join('\n')
    expect(text).toContain('owned')
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u)
    expect(text.split('\n')).toHaveLength(6)
  })

  test('shows a wrong answer too, even if most are right', () => {
    const right = ['1', '2', '3'].map(answer => {
      return { answer, working: null, verdict: 'correct', count: 1 }
    })
    const wrong = { answer: '4', working: null, verdict: 'wrong', count: 1 }
    const lines = sampleLines({ ...sample, answers: [...right, wrong] }, deduction, 80)
    expect(lines.slice(-3)).toEqual(['    > correct: 1', '    > correct: 2', '    > wrong: 4'])
  })

  test('is limited, however much a model writes', () => {
    const much: Sample = {
      ...sample,
      program: Array.from({ length: 500 }, () => 'x'.repeat(500)).join('\n'),
      pairs: Array.from({ length: 50 }, () => ({ input: '1', output: '2', canonical: '2' })),
      answers: Array.from({ length: 50 }, () => sample.answers[0] as Sample['answers'][number]),
    }
    const lines = sampleLines(much, deduction, 80)
    expect(lines.length).toBeLessThanOrEqual(18)
    expect(Math.max(...lines.map(text => text.length))).toBe(80)
    expect(lines[11]).toBe('    … 490 more lines')
  })
})

describe('lines fit the width', () => {
  const rows = [
    {
      run: 'micro-2026-11-30-201500',
      status: 'finished',
      step: '60/60',
      preset: 'micro',
      'best checkpoint': 'step 60, 41.2 %',
      size: '12.3 MB',
      'begun (UTC)': '2026-11-30 20:15',
    },
  ]

  test('the table of runs leaves out the least important columns', () => {
    const headOf = (width: number) => runLines(rows, width)[0]?.split(/ {2,}/)
    expect(headOf(200)).toHaveLength(7)
    expect(headOf(90)).toEqual([
      'run',
      'status',
      'step',
      'preset',
      'best checkpoint',
      'begun (UTC)',
    ])
    expect(headOf(60)).toEqual(['run', 'status', 'step', 'best checkpoint'])
    for (const width of [60, 80, 100, 120, 200]) {
      const lines = runLines(rows, width)
      expect(Math.max(...lines.map(line => line.length))).toBeLessThanOrEqual(width)
      expect(lines[1]).toMatch(/^micro-2026-11-30-201500 {2}finished/)
    }
  })

  test('the table of scores stacks its kinds if columns do not fit', () => {
    const kinds = ['deduction', 'abduction', 'induction'] as const
    const lines = kinds.map(kind => line([0.5, 0.6], { kind }))
    expect(scoreTable(lines, noLearnable, 60)).toEqual([
      '  held out, 95% intervals',
      '  micro-easy greedy',
      ...kinds.map(kind => `    ${kind}  50→60% [57–63] ▁█`),
    ])
    expect(scoreTable(lines, noLearnable, 100)[0]).toContain('deduction')
  })

  test('figures are never broken', () => {
    const text = 'step 12/60   4.1 s  valid  81%  learnable  40%  solved  52%'
    expect(fold(text, 100)).toEqual([text])
    expect(fold(text, 30)).toEqual([
      'step 12/60  4.1 s  valid  81%',
      '  learnable  40%  solved  52%',
    ])
    expect(fold(text, 20)).toEqual([
      'step 12/60  4.1 s',
      '  valid  81%',
      '  learnable  40%',
      '  solved  52%',
    ])
    expect(fold('easy deduction greedy:  50% → 60%,  +10 points', 20)).toEqual([
      'easy deduction greedy:',
      '  50% → 60%,',
      '  +10 points',
    ])
  })
})
