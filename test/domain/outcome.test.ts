import { describe, expect, test } from 'vitest'
import type { SuiteChange } from '../../domain/change.ts'
import { headlines, sentenceOf } from '../../domain/outcome.ts'
import { groupAnswers, workingOf } from '../../domain/sample.ts'
import { workedMs } from '../../domain/worked.ts'
import { duration } from '../../lib/formats.ts'

function change(low: number, high: number, some: Partial<SuiteChange> = {}): SuiteChange {
  const difference = (low + high) / 2
  return {
    suite: 'micro-easy',
    mode: 'greedy',
    firstStep: 0,
    lastStep: 100,
    items: 3000,
    before: 0.4,
    after: 0.4 + difference,
    difference,
    interval: { low, high },
    kinds: [],
    ...some,
  }
}

const kind = (name: 'deduction' | 'abduction', low: number, high: number) => ({
  ...change(low, high),
  kind: name,
})

const say = (changes: SuiteChange[], steps: number, workedMs: number) =>
  sentenceOf(changes, { steps, workedMs, suites: ['micro-easy', 'micro-hard'] })

describe('the sentence', () => {
  test('gives first and last score, the uncertainty and the duration', () => {
    const kinds = [kind('deduction', 0.01, 0.03), kind('abduction', 0.05, 0.07)]
    expect(say([change(0.03, 0.05, { kinds })], 100, 850_000)).toBe(
      'After 100 steps in 14 min 10 s: micro-easy greedy rose from 40.0% to 44.0% ' +
        '(+4.0 points, +3.0 to +5.0) (95% intervals over 3000 paired items, means of 2 kinds, one run).',
    )
  })

  test('names changes within noise, and losses', () => {
    const changes = [
      change(-0.01, 0.03),
      change(-0.05, -0.01, { suite: 'micro-hard', mode: 'sampled mean@8' }),
    ]
    const text = say(changes, 100, 60_000)
    expect(text).toContain(
      'micro-easy greedy stayed within noise, from 40.0% to 41.0% ' +
        '(+1.0 points, −1.0 to +3.0); ',
    )
    expect(text).toContain(
      'micro-hard sampled mean@8 fell from 40.0% to 37.0% ' + '(−3.0 points, −5.0 to −1.0)',
    )
  })

  test('names a kind that fell while the mean did not', () => {
    const kinds = [kind('deduction', -0.04, -0.02), kind('abduction', 0.1, 0.12)]
    expect(say([change(0.03, 0.05, { kinds })], 100, 60_000)).toContain(
      '+5.0), but deduction fell (−3.0 points, −4.0 to −2.0)',
    )
  })

  test('claims nothing from a few items, or without a second evaluation', () => {
    expect(say([change(0.3, 0.5, { items: 12 })], 100, 60_000)).toContain(
      'micro-easy greedy went from 40.0% to 80.0% on 12 items, too few to be sure (over 12 paired',
    )
    expect(say([], 1, 9_000)).toBe(
      'After 1 step in 9 s, no change can be measured: no suite was scored twice on the same items.',
    )
  })

  test('is about plain answers to the suites that the run is judged by', () => {
    const suites = ['micro-easy']
    const changes = [
      change(0, 0.1),
      change(0, 0.1, { mode: 'sampled mean@8' }),
      change(0, 0.1, { mode: 'sampled pass@8' }),
      change(0, 0.1, { mode: 'scratch' }),
      change(0, 0.1, { suite: 'micro-easy-dev', firstStep: 20 }),
    ]
    expect(headlines(changes, suites).map(({ mode }) => mode)).toEqual(['greedy', 'sampled mean@8'])
    expect(say(changes.slice(4), 100, 60_000)).toContain(', from step 20 to 100: ')
  })

  test('gives times in a fitting unit', () => {
    expect([59_400, 61_000, 3_725_000].map(duration)).toEqual(['59 s', '1 min 1 s', '1 h 2 min'])
  })
})

describe('the working time of a run', () => {
  const life = (...events: [number, string][]) => events.map(([at_ms, event]) => ({ at_ms, event }))
  const never = () => null

  test('includes all its sessions', () => {
    const events = life([10, 'started'], [50, 'interrupted'], [100, 'resumed'], [130, 'finished'])
    expect(workedMs(events, never)).toBe(70)
  })

  test('counts a killed session up to its last sign of life', () => {
    const events = life([10, 'started'], [100, 'resumed'], [130, 'finished'])
    expect(workedMs(events, before => (before === 100 ? 40 : null))).toBe(60)
  })

  test('excludes pauses, and includes the current session', () => {
    const pause: [number, string][] = [
      [20, 'command.pause'],
      [90, 'command.resume'],
    ]
    expect(workedMs(life([10, 'started'], ...pause), () => 100)).toBe(20)
  })
})

describe('a sample', () => {
  test('finds the working in either dialect', () => {
    expect(workingOf('<T>6;18;<A>18')).toBe('6;18;')
    expect(workingOf(' it doubles </think> <answer>4</answer>')).toBe('it doubles')
    expect(workingOf('<A>18')).toBe(null)
    expect(workingOf('<T><A>18')).toBe(null)
  })

  test('groups equal answers: right ones first, those with working before those without', () => {
    const given = (text: string, parsed: string | null, verdict: string) => ({
      text,
      parsed,
      verdict,
    })
    const answers = [
      given('<A>7', '7', 'wrong'),
      given('<A>18', '18', 'correct'),
      given('<T>6;<A>18', '18', 'correct'),
      given('<A>7', '7', 'wrong'),
      given('<A><A>', null, 'malformed'),
    ]
    expect(groupAnswers(answers)).toEqual([
      { answer: '18', working: '6;', verdict: 'correct', count: 1 },
      { answer: '18', working: null, verdict: 'correct', count: 1 },
      { answer: '7', working: null, verdict: 'wrong', count: 2 },
      { answer: '<A><A>', working: null, verdict: 'malformed', count: 1 },
    ])
  })
})
