/**
 * What goes wrong in self-play, told from the curves of a run: each alarm says what triggered it and
 * what to do. Pure: the page, the API, the terminal and the run itself ask the same question.
 */
import { percent } from '../../lib/formats.ts'
import type { Line } from '../held-out.ts'
import { mean } from '../metrics.ts'

export type Curve = readonly (readonly [step: number, value: number])[]
export type Curves = Readonly<Record<string, Curve>>

/** `collapse`: learning on makes it worse; what `health.onCollapse` is about. */
export type Alarm = {
  name: string
  level: 'warning' | 'collapse'
  /** The step at which it was noticed first. */
  step: number
  message: string
  advice: string
}

/** Curves that are looked at. */
export const watched = [
  'success.all',
  'learnable.all',
  'valid.all',
  'duplicates.all',
  'truncated.solver.all',
  'entropy',
  'mismatch.kl',
  'gradient.norm',
  'reward.solver.all',
  'reward.proposer.all',
]

/** What the policy was like before it learned: the figure of its first update is taken ahead of it. */
const atFirst = (curve: Curve) => curve[0]?.[1] ?? 0

type Test = (value: number, curve: Curve) => boolean
type Rule = {
  name: string
  level: Alarm['level']
  curve: string
  /** Steps for which it has to hold. */
  steps: number
  test: Test
  say: (value: number) => string
  advice: string
}

const early = 5

/** What is usual in a run: the median of its first steps. */
function usual(curve: Curve): number {
  const values = curve
    .slice(0, early)
    .map(([, value]) => value)
    .sort((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? 0
}

const rules: Rule[] = [
  {
    name: 'trivial tasks',
    level: 'collapse',
    curve: 'success.all',
    steps: 3,
    test: success => success >= 0.95,
    say: success => `${percent(success)} of all answers to new tasks are right`,
    advice: 'Nothing is left to learn from them: check reward.zeroLearnability and propose.draw.',
  },
  {
    name: 'nothing learnable',
    level: 'collapse',
    curve: 'learnable.all',
    steps: 3,
    test: share => share <= 0.03,
    say: share => `${percent(share)} of the new tasks are solved sometimes`,
    advice: 'Tasks are all too easy or all too hard: see the histogram of success rates.',
  },
  {
    name: 'impossible tasks',
    level: 'warning',
    curve: 'success.all',
    steps: 5,
    test: success => success <= 0.02,
    say: success => `${percent(success)} of all answers to new tasks are right`,
    advice: 'The solver gets no signal: seed with easier tasks, or lower the learning rate.',
  },
  {
    name: 'proposals fail',
    level: 'collapse',
    curve: 'valid.all',
    steps: 2,
    test: share => share <= 0.1,
    say: share => `${percent(share)} of the proposals are valid tasks`,
    advice: 'The proposer lost its format: go back to a checkpoint and lower trainer.learningRate.',
  },
  {
    name: 'entropy collapses',
    level: 'collapse',
    curve: 'entropy',
    steps: 2,
    test: (entropy, curve) => entropy < 0.25 * atFirst(curve),
    say: entropy => `entropy fell to ${entropy.toFixed(3)} nats a token`,
    advice:
      'Everything is said the same way: lower trainer.learningRate, or raise the entropy bonus.',
  },
  {
    name: 'entropy explodes',
    level: 'collapse',
    curve: 'entropy',
    steps: 2,
    test: (entropy, curve) => entropy > 3 * atFirst(curve),
    say: entropy => `entropy rose to ${entropy.toFixed(2)} nats a token`,
    advice: 'The policy turns to noise: lower trainer.learningRate.',
  },
  {
    name: 'gradient spikes',
    level: 'warning',
    curve: 'gradient.norm',
    steps: 2,
    test: (norm, curve) => curve.length > early && norm > 20 * usual(curve),
    say: norm => `the norm of the gradient is ${norm.toPrecision(2)}`,
    advice: 'See which rollouts were trained on; lower trainer.learningRate if it stays.',
  },
  {
    name: 'engine and learner drift',
    level: 'warning',
    curve: 'mismatch.kl',
    steps: 2,
    test: kl => Math.abs(kl) > 0.01,
    say: kl => `the mismatch KL is ${kl.toPrecision(2)}`,
    advice: 'They compute different probabilities: look at parity, and at precision settings.',
  },
  {
    name: 'duplicates',
    level: 'warning',
    curve: 'duplicates.all',
    steps: 3,
    test: share => share > 0.5,
    say: share => `${percent(share)} of the proposals were there before`,
    advice: 'Diversity is gone: raise propose.temperature, or show more references.',
  },
  {
    name: 'answers are cut off',
    level: 'warning',
    curve: 'truncated.solver.all',
    steps: 3,
    test: share => share > 0.3,
    say: share => `${percent(share)} of the answers reach the limit of tokens`,
    advice: 'Raise solve.maxTokens, or look whether answers ramble.',
  },
]

/**
 * Where a rule began to hold, if it holds now: so many steps, with at most one between them that does
 * not. A step has few tasks, and one that is solved sometimes does not mean that all is well.
 */
function check(rule: Rule, curve: Curve): Alarm | null {
  const holds = (point: Curve[number] | undefined) =>
    point !== undefined && rule.test(point[1], curve)
  // Mostly no rule holds now, and then nothing more is looked at than the last step.
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

/** Self-play says that it gets better, and a suite says that it does not: the paper's worst case. */
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

export function alarmsOf(curves: Curves, lines: readonly Line[]): Alarm[] {
  const own = rules.flatMap(rule => check(rule, curves[rule.curve] ?? []) ?? [])
  return [...own, ...checkHeldOut(lines, curves)]
}
