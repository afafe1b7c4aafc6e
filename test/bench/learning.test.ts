/**
 * The table of the learning benchmark, from a stored fixture: two arms of two seeds, four items a
 * kind. Sampled: [0, ¼, ¼, ½] at the start, mean ¼; `full` ends at ⅜ and 7/16, `frozen` at 5/16.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dyingChecks } from '../../bench/learning/aims.ts'
import { arms } from '../../bench/learning/arms.ts'
import type { Measured } from '../../bench/learning/cells.ts'
import { checksOf } from '../../bench/learning/checks.ts'
import { courseChecks, plotsOf } from '../../bench/learning/course.ts'
import { markdownOf } from '../../bench/learning/markdown.ts'
import { readOptions, readSeeds } from '../../bench/learning/options.ts'
import { differences, lineOf, tableOf } from '../../bench/learning/table.ts'
import { builtInNames as kinds } from '../../domain/kinds/index.ts'
import { loadConfig } from '../../src/config/load.ts'

const path = join(import.meta.dirname, '..', 'fixtures', 'learning', 'measured.json')
const measured = JSON.parse(readFileSync(path, 'utf8')) as Measured[]
const suites = ['micro-easy', 'micro-hard']
const lines = tableOf(measured, suites)
const found = differences(measured, suites, 'full')
const checks = checksOf(measured, lines, found, suites)
const verdictOf = (pattern: RegExp) => checks.find(({ claim }) => pattern.test(claim))?.verdict

describe('the table', () => {
  // Gains ⅛ and 3/16: mean 5/32, deviation 1/16 / √2, half = 12.706 · 0.0441942 / √2 = 0.397062.
  test('has start, end and gain of mean@k, with the interval of two seeds', () => {
    const { start, end, gain } = lineOf(lines, 'full', 'micro-easy')?.figures.mean ?? {}
    expect([start, end, gain?.mean]).toEqual([0.25, 0.40625, 0.15625])
    expect(gain?.bySeed?.low).toBeCloseTo(0.15625 - 0.397062, 5)
    expect(gain?.bySeed?.high).toBeCloseTo(0.15625 + 0.397062, 5)
    expect(gain?.byItem?.low).toBeGreaterThan(0)
    expect(gain?.byItem?.high).toBeLessThan(0.3)
  })

  test('has pass@k, the shares with scratch and the forced modes', () => {
    const figures = lineOf(lines, 'full', 'micro-easy', 'deduction')?.figures
    expect(figures?.pass).toMatchObject({ start: 0.75, end: 1 })
    expect(figures?.greedyScratch).toMatchObject({ start: 0, end: 0.5 })
    expect(figures?.sampledScratch).toMatchObject({ start: 0.25, end: 0.5 })
    expect(figures?.direct).toMatchObject({ start: 0.25, end: 0.25 })
    expect(figures?.scratch).toMatchObject({ start: 0.5, end: 0.5 })
  })

  // The full method gains 1/16 and ⅛ more than the frozen one.
  test('says how much more the full method gains, paired by seed', () => {
    const mine = found.find(row => row.suite === 'micro-easy' && row.figure === 'mean')
    expect(mine).toMatchObject({ arm: 'frozen', seeds: 2, mean: 0.09375 })
    expect(mine?.bySeed?.low).toBeCloseTo(0.09375 - 0.397062, 5)
  })

  test('leaves out items that another run does not have', () => {
    const [one, ...others] = measured as [Measured, ...Measured[]]
    const end = one.end.map(cell => ({ ...cell, shares: cell.shares.slice(1) }))
    const gain = tableOf([{ ...one, end }, ...others], suites)[0]?.figures.mean?.gain
    expect(gain?.byItem).toBeNull()
  })

  test('is Markdown with a row for each arm and kind', () => {
    const text = markdownOf({ about: 'x', suites, measured, lines, differences: found, checks })
    expect(text).toContain(
      '| full | 2 | mean | 25.0 → 50.0 | 25.0 → 40.6 | 75.0 → 100.0 | 0.0 → 50.0 | 25.0 → 50.0 |',
    )
    expect(text).toContain('| full | 101 102 | 100 | 810 | 200 | 500 |')
    expect(text).toContain('| frozen | micro-easy | mean@8 | 2 | +9.4 |')
  })
})

describe('the checks', () => {
  test('are met, missed or not measured, line by line', () => {
    expect(verdictOf(/20 to 50 %/)).toBe('met')
    expect(verdictOf(/mean@8, micro-easy gains 10/)).toBe('met')
    expect(verdictOf(/mean@8, micro-easy: the paired intervals/)).toBe('missed')
    expect(verdictOf(/5 seeds/)).toBe('missed')
    // 810 s.
    expect(verdictOf(/10 minutes/)).toBe('missed')
    expect(verdictOf(/forced scratch beats/)).toBe('met')
    expect(verdictOf(/trained proposer beats a fixed buffer, mean@8, micro-easy/)).toBe('missed')
    expect(verdictOf(/^sft/)).toBe('not measured')
    expect(verdictOf(/^frozen/)).toBe('met')
  })

  test('the higher aims are among them', () => {
    expect(verdictOf(/pass@8, micro-easy gains 4/)).toBe('met')
    expect(verdictOf(/forced working, deduction, micro-hard gains 5/)).toBe('missed')
    expect(verdictOf(/1.2 times the gain of frozen, mean@8, micro-easy/)).toBe('met')
    expect(verdictOf(/1.6 times the gain of full/)).toBe('not measured')
  })

  test('a kind that falls by more than a point is missed', () => {
    expect(verdictOf(/induction does not fall.*micro-hard/)).toBe('missed')
    expect(verdictOf(/induction does not fall.*micro-easy/)).toBe('met')
  })

  test('without measurements no threshold is met', () => {
    expect(new Set(checksOf([], [], [], suites).map(({ verdict }) => verdict))).toEqual(
      new Set(['not measured']),
    )
  })

  test('arms beyond the paper need 1.2 times the plain gain, on the same seeds and items', () => {
    const as = (from: string, to: string) =>
      measured.flatMap(run => (run.arm === from ? [{ ...run, arm: to }] : []))
    const claimsOf = (runs: Measured[]) =>
      checksOf(runs, tableOf(runs, suites), differences(runs, suites, 'full'), suites).filter(
        ({ claim }) => /1.2 times .* at equal samples/.test(claim),
      )
    const better = claimsOf([...as('frozen', 'full'), ...as('full', 'beyond-x')])
    expect(better).toMatchObject([
      { claim: expect.stringMatching(/^beyond-x/), found: '+15.6 against +6.3', verdict: 'met' },
      { claim: expect.stringMatching(/^beyond-x/), verdict: 'met' },
    ])
    const worse = claimsOf([...as('frozen', 'full'), ...as('full', 'paper')])
    expect(worse).toMatchObject([
      { claim: expect.stringMatching(/^full/), found: '+6.3 against +15.6', verdict: 'missed' },
      { claim: expect.stringMatching(/^full/), verdict: 'missed' },
    ])
  })
})

describe('arms and flags', () => {
  test.each(Object.entries(arms))('%s is a valid config', (_, { preset, flags }) => {
    const overrides = flags.map(flag => {
      const [path = '', ...value] = flag.slice(2).split('=')
      return { path, value: value.join('=') }
    })
    expect(loadConfig(preset, overrides).steps).toBeGreaterThan(0)
  })

  test('seeds are numbers and ranges', () => {
    expect(readSeeds('101-103,7')).toEqual([101, 102, 103, 7])
    expect(() => readSeeds('5-1')).toThrow(/Cannot read seeds/)
  })

  test('an arm is defined by flags, and unknown arms are named', () => {
    const options = readOptions(['--dev', '--with=--steps=3 --seed=2', '--as', 'mine'])
    expect(options?.arms).toMatchObject({ mine: { flags: ['--steps=3', '--seed=2'] } })
    expect(options?.seeds).toEqual([1, 2, 3, 4, 5])
    expect(options?.suites).toEqual(['micro-easy-dev', 'micro-hard-dev'])
    expect(() => readOptions(['--arms', 'fool'])).toThrow(/Cannot find arm fool/)
  })
})

describe('a long run', () => {
  const long = (over: Partial<Measured>): Measured => ({
    ...(measured[0] as Measured),
    arm: 'long',
    steps: 40,
    curve: [0, 10, 20, 30, 40].flatMap(step =>
      kinds.map(kind => {
        const cell = { step, suite: 'micro-easy-dev', kind, mode: 'greedy', items: 100 } as const
        return { ...cell, accuracy: kind === 'induction' && step > 30 ? 0.1 : 0.5 }
      }),
    ),
    course: [1, 2, 3, 4].map(step => ({
      step: step * 10,
      kind: 'deduction',
      proposals: 12,
      accepted: 0.5,
      added: 6,
      learnable: step === 4 ? 0.2 : 0.6,
      lines: 3,
      correct: 0.5,
    })),
    ...over,
  })

  // Induction: means of three slices 0.5, 0.5, 0.3667.
  test('fails if it declines and runs out of learnable tasks', () => {
    expect(courseChecks([long({})])).toMatchObject([
      { found: '13.3 points', verdict: 'missed' },
      { found: 'least 20.0%', verdict: 'missed' },
      { found: 'least 6.0 per step and kind', verdict: 'met' },
    ])
  })

  test('a kind that dies for five steps is named, and one step is no death', () => {
    const accepted = (values: number[]) =>
      long({
        course: values.map((value, i) => ({
          ...(long({}).course[0] as Measured['course'][number]),
          step: i + 1,
          accepted: value,
        })),
      })
    const [, , dead] = dyingChecks([accepted([1, 1, 0.5, 0.2, 0.2, 0.2, 0.2, 1])])
    expect(dead).toMatchObject({
      verdict: 'missed',
      found: '26%: deduction, seed 101, from step 3',
    })
    const [full, , alive] = dyingChecks([accepted([1, 1, 0, 1, 1, 1, 1])])
    expect([full?.verdict, alive?.verdict]).toEqual(['not measured', 'met'])
  })

  test('is not measured if there is none', () => {
    expect(courseChecks([]).map(({ verdict }) => verdict)).toEqual(Array(3).fill('not measured'))
  })

  test('has its plots', () => {
    const plots = plotsOf(long({}))
    expect(Object.keys(plots)).toContain('greedy-induction')
    expect(plots.learnable).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[^>]*><style>/)
  })
})
