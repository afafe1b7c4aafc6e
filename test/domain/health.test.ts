import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { alarmsOf, type Curve } from '../../domain/health/health.ts'
import { findWorry, plansFirst } from '../../domain/health/worry.ts'
import type { Line } from '../../domain/held-out.ts'

const curve = (...values: number[]): Curve => values.map((value, i) => [i + 1, value] as const)
const names = (curves: Record<string, Curve>, lines: Line[] = []) =>
  alarmsOf(curves, lines).map(({ name }) => name)

describe('alarms', () => {
  test('a healthy run has none', () => {
    const curves = {
      'success.all': curve(0.4, 0.5, 0.45, 0.5, 0.55, 0.5),
      'learnable.all': curve(0.4, 0.3, 0.4, 0.5, 0.4, 0.4),
      'valid.all': curve(0.9, 0.8, 0.9, 0.9, 0.9, 0.9),
      entropy: curve(0.7, 0.6, 0.65, 0.6, 0.55, 0.5),
      'mismatch.kl': curve(1e-8, -1e-8, 1e-8, 2e-8, 0, 0),
      'gradient.norm': curve(0.4, 0.3, 0.5, 0.4, 0.9, 1.2),
    }
    expect(names(curves)).toEqual([])
  })

  test('a proposer paid for trivial tasks is caught within five steps', () => {
    const healthy = [0.4, 0.5]
    const [alarm] = alarmsOf({ 'success.all': curve(...healthy, 0.97, 1, 1) }, [])
    expect(alarm).toMatchObject({ name: 'trivial tasks', level: 'collapse', step: 5 })
    expect(alarm?.message).toContain('100%')
  })

  test('a collapse of entropy is caught within five steps', () => {
    const [alarm] = alarmsOf({ entropy: curve(0.7, 0.6, 0.7, 0.02, 0.01) }, [])
    expect(alarm).toMatchObject({ name: 'entropy collapses', level: 'collapse', step: 5 })
  })

  test('an effect of the very first update is caught too', () => {
    const [crushed] = alarmsOf({ entropy: curve(0.7, 0.01, 0.01, 0.01, 0.01) }, [])
    expect(crushed).toMatchObject({ name: 'entropy collapses', step: 3 })
    const [noise] = alarmsOf({ entropy: curve(0.7, 4, 4.2) }, [])
    expect(noise).toMatchObject({ name: 'entropy explodes', level: 'collapse', step: 3 })
  })

  test('a policy that becomes random loses its format', () => {
    const curves = {
      'valid.all': curve(0.9, 0.05, 0),
      entropy: curve(0.5, 0.5, 0.5, 0.5, 0.5, 3, 3),
    }
    expect(names(curves)).toEqual(['proposals fail', 'entropy explodes'])
  })

  test('one bad step raises no alarm, and a past problem raises none', () => {
    expect(names({ 'success.all': curve(0.5, 1, 0.5, 1, 0.5) })).toEqual([])
    expect(names({ 'success.all': curve(1, 1, 1, 1, 0.5) })).toEqual([])
  })

  test('one better step in between does not end an alarm', () => {
    const rare = curve(0.3, 0.4, 0, 0, 0.05, 0, 0.05)
    expect(alarmsOf({ 'learnable.all': rare.slice(0, 5) }, [])).toEqual([])
    const [alarm] = alarmsOf({ 'learnable.all': rare.slice(0, 6) }, [])
    expect(alarm).toMatchObject({ name: 'nothing learnable', step: 6 })
    expect(names({ 'learnable.all': rare })).toEqual([])
    expect(names({ 'learnable.all': curve(0.3, 0, 0, 0.2, 0.2, 0) })).toEqual([])
  })

  test('a suite that falls beyond its interval while the reward rises raises an alarm', () => {
    const point = (step: number, value: number) => ({
      step,
      value,
      low: value - 0.05,
      high: value + 0.05,
    })
    const line = (values: number[]): Line => {
      const points = values.map((value, i) => point(i * 10, value))
      return { suite: 'easy', kind: 'deduction', mode: 'greedy', items: 100, set: 's', points }
    }
    const rising = { 'reward.solver.all': curve(0.1, 0.1, 0.2, 0.3, 0.4, 0.5) }
    const falling = { 'reward.solver.all': curve(0.5, 0.4, 0.3, 0.2, 0.1, 0.1) }
    expect(names(rising, [line([0.5, 0.6, 0.4])])).toEqual(['held-out falls'])
    expect(names(rising, [line([0.5, 0.6, 0.55])])).toEqual([])
    expect(names(falling, [line([0.5, 0.6, 0.4])])).toEqual([])
  })
})

/**
 * The preset micro with seed 1, before answers could end after a number of end marks: induction
 * died at step 16 and recovered at 30.
 */
const died: Record<string, Curve> = JSON.parse(
  readFileSync(
    join(import.meta.dirname, '..', 'fixtures', 'health', 'induction-dies.json'),
    'utf8',
  ),
)
const until = (step: number) =>
  Object.fromEntries(
    Object.entries(died).map(([name, points]) => [name, points.filter(([at]) => at <= step)]),
  )

describe('alarms of one kind', () => {
  test('a kind that dies raises an alarm, even if the mean over kinds is well', () => {
    const dead = (step: number) =>
      alarmsOf(until(step), []).find(({ name }) => name === 'proposals fail: induction')
    expect(dead(16)).toBe(undefined)
    expect(dead(17)).toMatchObject({ level: 'collapse', step: 17 })
    expect(dead(24)?.message).toBe('induction: 0% of the proposals are valid tasks')
    expect(dead(32)).toBe(undefined)
    const told = Object.values(until(24)['valid.all'] ?? [])
    expect(Math.min(...told.map(([, share]) => share))).toBeGreaterThan(0.35)
  })

  test('growing proposals raise an alarm ten steps earlier', () => {
    const [cut] = alarmsOf(until(7), [])
    expect(cut).toMatchObject({ name: 'proposals are cut off: induction', level: 'warning' })
  })

  test('the living kinds raise none', () => {
    const told = Array.from({ length: 32 }, (_, i) => names(until(i + 1)))
    expect(told.flat().filter(name => !name.endsWith(': induction'))).toEqual([])
  })

  test('an alarm about all kinds is not repeated for each', () => {
    const none = curve(0, 0, 0)
    const curves = { 'valid.all': none, 'valid.deduction': none, 'valid.abduction': none }
    expect(names(curves)).toEqual(['proposals fail'])
  })

  test.each([
    ['learnable.repair', curve(0.3, 0, 0, 0, 0, 0, 0), ['nothing learnable: repair']],
    ['learnable.repair', curve(0.3, 0, 0, 0.2, 0, 0, 0), []],
    ['accuracy.abduction', curve(0.1, 0, 0, 0), ['no answer is right: abduction']],
    ['truncated.solver.deduction', curve(0.4, 0.5, 0.6), ['answers are cut off: deduction']],
    ['success.deduction', curve(1, 1, 1, 1, 1, 1), ['trivial tasks: deduction']],
    ['valid.deduction', curve(0.9, 0, 0.1), []],
  ])('%s %j', (name, points, told) => {
    expect(names({ [name]: points })).toEqual(told)
  })
})

describe('behaviour', () => {
  test.each([
    ['<T>a=3<A>5', true],
    ['```python\n# first sort, then count\ndef f(a):\n    return 1\n```', true],
    ['def f(a):\n    # add one\n    return a + 1', true],
    ['<A>5', false],
    ['def f(a):\n    return a  # sum', false],
  ])('%j plans first: %s', (text, expected) => {
    expect(plansFirst(text)).toBe(expected)
  })

  test('a worrying text is found in any case, with the text around it', () => {
    expect(findWorry('x OUTSMART y', ['outsmart'])).toEqual({
      word: 'outsmart',
      excerpt: 'x OUTSMART y',
    })
    expect(findWorry('nothing here', ['outsmart'])).toBe(null)
  })
})
