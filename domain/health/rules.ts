/**
 * The rules of the alarms: which curve, for how many steps, and what to do. `rules` look at the run
 * as a whole. `kindRules` look at each kind and role, because a mean over kinds hides one that
 * fails. When a rule holds is decided in health.ts.
 */
import { percent } from '../../lib/formats.ts'

export type Curve = readonly (readonly [step: number, value: number])[]

/** The policy's figure before it learned: the one measured just before its first update. */
const atFirst = (curve: Curve) => curve[0]?.[1] ?? 0

export type Test = (value: number, curve: Curve) => boolean
export type Rule = {
  name: string
  level: 'warning' | 'collapse'
  curve: string
  /** Steps for which the rule has to hold. */
  steps: number
  test: Test
  say: (value: number) => string
  advice: string
}

const early = 5

/** The usual value in a run: the median of its first steps. */
function usual(curve: Curve): number {
  const values = curve
    .slice(0, early)
    .map(([, value]) => value)
    .sort((a, b) => a - b)
  return values[Math.floor(values.length / 2)] ?? 0
}

/** Parts that the run's and the kinds' rules share. */
const trivial: Pick<Rule, 'test' | 'say'> = {
  test: success => success >= 0.95,
  say: success => `${percent(success)} of all answers to new tasks are right`,
}
const unlearnable: Pick<Rule, 'test' | 'say'> = {
  test: share => share <= 0.03,
  say: share => `${percent(share)} of the new tasks are sometimes solved`,
}
const answersCut: Omit<Rule, 'curve'> = {
  name: 'answers are cut off',
  level: 'warning',
  steps: 3,
  test: share => share > 0.3,
  say: share => `${percent(share)} of the answers reach the limit of tokens`,
  advice: 'Raise solve.maxTokens, or check whether answers ramble.',
}

export const rules: Rule[] = [
  {
    name: 'trivial tasks',
    level: 'collapse',
    curve: 'success.all',
    steps: 3,
    ...trivial,
    advice: 'Nothing is left to learn from them: check reward.zeroLearnability and propose.draw.',
  },
  {
    name: 'nothing learnable',
    level: 'collapse',
    curve: 'learnable.all',
    steps: 3,
    ...unlearnable,
    advice: 'Tasks are all too easy or all too hard: see the histogram of success rates.',
  },
  {
    name: 'impossible tasks',
    level: 'warning',
    curve: 'success.all',
    steps: 5,
    test: success => success <= 0.02,
    say: success => `${percent(success)} of all answers to new tasks are right`,
    advice: 'The solver gets no signal: use easier seeds, or lower the learning rate.',
  },
  {
    name: 'proposals fail',
    level: 'collapse',
    curve: 'valid.all',
    steps: 2,
    test: share => share <= 0.1,
    say: share => `${percent(share)} of the proposals are valid tasks`,
    advice:
      'The proposer no longer follows its format: go back to a checkpoint and lower ' +
      'trainer.learningRate.',
  },
  {
    name: 'entropy collapses',
    level: 'collapse',
    curve: 'entropy',
    steps: 2,
    test: (entropy, curve) => entropy < 0.25 * atFirst(curve),
    say: entropy => `entropy fell to ${entropy.toFixed(3)} nats per token`,
    advice:
      'The model always writes the same: lower trainer.learningRate, or raise the entropy bonus.',
  },
  {
    name: 'entropy explodes',
    level: 'collapse',
    curve: 'entropy',
    steps: 2,
    test: (entropy, curve) => entropy > 3 * atFirst(curve),
    say: entropy => `entropy rose to ${entropy.toFixed(2)} nats per token`,
    advice: 'The policy becomes random: lower trainer.learningRate.',
  },
  {
    name: 'gradient spikes',
    level: 'warning',
    curve: 'gradient.norm',
    steps: 2,
    test: (norm, curve) => curve.length > early && norm > 20 * usual(curve),
    say: norm => `the norm of the gradient is ${norm.toPrecision(2)}`,
    advice: 'Check which rollouts were trained on; lower trainer.learningRate if it stays.',
  },
  {
    name: 'engine and learner drift',
    level: 'warning',
    curve: 'mismatch.kl',
    steps: 2,
    test: kl => Math.abs(kl) > 0.01,
    say: kl => `the mismatch KL is ${kl.toPrecision(2)}`,
    advice: 'They compute different probabilities: check parity and the precision settings.',
  },
  {
    name: 'duplicates',
    level: 'warning',
    curve: 'duplicates.all',
    steps: 3,
    test: share => share > 0.5,
    say: share => `${percent(share)} of the proposals are duplicates`,
    advice: 'Diversity is gone: raise propose.temperature, or show more references.',
  },
  { ...answersCut, curve: 'truncated.solver.all' },
]

/** Rules for one kind. `curve` is the first part of its name: `valid` for `valid.induction`. */
export const kindRules: Rule[] = [
  {
    name: 'proposals fail',
    level: 'collapse',
    curve: 'valid',
    steps: 3,
    test: share => share <= 0.1,
    say: share => `${percent(share)} of the proposals are valid tasks`,
    advice:
      'See the reasons on its refused proposals. Go back to a checkpoint before it, and lower ' +
      'trainer.learningRate.',
  },
  {
    name: 'proposals are cut off',
    level: 'warning',
    curve: 'truncated.proposer',
    steps: 3,
    test: share => share > 0.3,
    say: share => `${percent(share)} of the proposals reach the limit of tokens`,
    advice:
      'If they are growing, raise propose.maxTokens, or go back to a step where they were short.',
  },
  {
    name: 'nothing learnable',
    level: 'collapse',
    curve: 'learnable',
    // A step has few new tasks of one kind, and often all are always or never solved by chance.
    steps: 6,
    ...unlearnable,
    advice: 'Its tasks are all too easy or all too hard: see the histogram of success rates.',
  },
  {
    name: 'trivial tasks',
    level: 'warning',
    curve: 'success',
    steps: 6,
    ...trivial,
    advice: 'Nothing is left to learn from them: check reward.zeroLearnability.',
  },
  {
    name: 'no answer is right',
    level: 'collapse',
    curve: 'accuracy',
    steps: 3,
    test: share => share === 0,
    say: () => 'none of the answers that are trained on is right',
    advice:
      'The solver gets no signal: look at its answers, use easier seeds, or leave this kind out.',
  },
  { ...answersCut, curve: 'truncated.solver' },
]
