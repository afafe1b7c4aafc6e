/**
 * Raises alarms from the curves of a run. Each alarm says what triggered it and what to do. Pure:
 * the page, the API, the terminal and the run itself call it.
 */
import { percent } from '../../lib/formats.ts'
import type { Line } from '../held-out.ts'
import { inOrder } from '../kinds/index.ts'
import { mean } from '../metrics.ts'
import type { Kind } from '../task.ts'
import { type Curve, kindRules, type Rule, rules } from './rules.ts'

export type { Curve } from './rules.ts'
export type Curves = Readonly<Record<string, Curve>>

/** `collapse` means that more training makes the model worse. `health.onCollapse` reacts to it. */
export type Alarm = {
  /** For one kind it ends with the kind's name: `proposals fail: induction`. */
  name: string
  level: Rule['level']
  /** The step at which the alarm began. */
  step: number
  message: string
  advice: string
}

/** The curves that the alarms read, for a run of these kinds. */
export const watchedOf = (kinds: readonly Kind[]): string[] => [
  ...new Set([
    ...rules.map(({ curve }) => curve),
    ...kinds.flatMap(kind => kindRules.map(({ curve }) => `${curve}.${kind}`)),
    'reward.solver.all',
  ]),
]

/**
 * Finds where a rule began to hold, if it holds now: for its number of steps, with at most one
 * exception between two. A step has few tasks, so one good step does not end an alarm.
 */
function check(rule: Rule, curve: Curve): Alarm | null {
  const holds = (point: Curve[number] | undefined) =>
    point !== undefined && rule.test(point[1], curve)
  // Mostly no rule holds now. Then only the last step is read.
  const isOn = (i: number) =>
    holds(curve[i]) &&
    curve.slice(Math.max(0, i - rule.steps), i + 1).filter(holds).length >= rule.steps
  const last = curve.length - 1
  if (!isOn(last)) return null
  let first = last
  while (isOn(first - 1)) first -= 1
  const [step] = curve[first] ?? [0]
  const { name, level, advice, say } = rule
  return { name, level, step, message: say(curve[last]?.[1] ?? 0), advice }
}

/** Self-play reports progress and a held-out suite does not: the paper's worst case. */
function checkHeldOut(lines: readonly Line[], curves: Curves): Alarm[] {
  const reward = curves['reward.solver.all'] ?? []
  const half = Math.floor(reward.length / 2)
  const value = (points: Curve) => mean(points.map(([, each]) => each)) ?? 0
  if (half < 2 || value(reward.slice(half)) <= value(reward.slice(0, half))) return []
  return lines.flatMap(({ suite, kind, mode, points }) => {
    const last = points.at(-1)
    const best = points.reduce((a, b) => (b.value > a.value ? b : a), points[0] ?? ({} as never))
    if (!last || points.length < 2 || last.high >= best.low) return []
    const [from, to] = [percent(best.value), percent(last.value)]
    const message = `${suite} ${kind} (${mode}) fell from ${from} to ${to} while the reward rises`
    const advice = `Go back to step ${best.step}, the best of this suite: self-play overfits its own tasks.`
    return [{ name: 'held-out falls', level: 'warning' as const, step: last.step, message, advice }]
  })
}

const isOneKind = (name: string) => name !== 'all' && !name.includes('.')

/** Checks each kind by itself. An alarm about all kinds is not repeated for each. */
function checkKinds(curves: Curves, said: ReadonlySet<string>): Alarm[] {
  return kindRules.flatMap(rule => {
    if (said.has(rule.name)) return []
    const prefix = `${rule.curve}.`
    const names = Object.keys(curves).filter(name => name.startsWith(prefix))
    const kinds = names.map(name => name.slice(prefix.length)).filter(isOneKind)
    return inOrder(kinds).flatMap(kind => {
      const found = check(rule, curves[prefix + kind] ?? [])
      if (!found) return []
      const message = `${kind}: ${found.message}`
      return [{ ...found, name: `${rule.name}: ${kind}`, message }]
    })
  })
}

export function alarmsOf(curves: Curves, lines: readonly Line[]): Alarm[] {
  const own = rules.flatMap(rule => check(rule, curves[rule.curve] ?? []) ?? [])
  const each = checkKinds(curves, new Set(own.map(({ name }) => name)))
  return [...own, ...each, ...checkHeldOut(lines, curves)]
}
