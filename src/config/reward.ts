/** Knobs of rewards, and of how they become advantages: a part of config.ts. */
import { z } from 'zod'
import { knob, plug, positive, section, share } from './knob.ts'
import { isPluginPath } from './plugin-path.ts'

const intrinsic = (what: string) =>
  knob(
    z.number().default(0),
    `The weight of ${what}, in the reward of a learnable proposal. 0: it is only measured, on ` +
      'a sample (the published scripts).',
  )

export const reward = section({
  correct: knob(z.number().default(1), 'Solver: the reward of a right answer.'),
  wrong: knob(
    z.number().default(-0.5),
    'Solver: the reward of an answer that can be read but is wrong (paper, eq. 6).',
  ),
  malformed: knob(
    z.number().default(-1),
    'Solver: the reward of an answer that cannot be read (paper, eq. 6).',
  ),
  invalid: knob(
    z.number().default(-1),
    'Proposer: the reward of a proposal that is malformed or refused (paper, eq. 6).',
  ),
  duplicate: knob(
    z.number().default(-0.5),
    'Proposer: the reward of a valid task that is a duplicate.',
  ),
  zeroLearnability: knob(
    z.number().default(-0.5),
    'Proposer: the reward of a task that is always or never solved. Equation 4 says 0; the ' +
      'published models used -0.5.',
  ),
  induction: knob(
    z.enum(['binary', 'accuracy', 'ifOneCorrect']).default('binary'),
    'The reward of an answer to a kind that hides pairs (induction). binary: for all hidden ' +
      'pairs right (the published scripts). accuracy: the share of right pairs. ifOneCorrect: ' +
      'for one right pair or more. An answer that earns anything counts as solving the task. ' +
      'Held-out suites always require all pairs.',
  ),
  source: knob(
    z.enum(['executor', 'random']).default('executor'),
    'The source of rewards. random is a control: it draws right or wrong by key, for both ' +
      'roles. Verdicts are not changed.',
  ),
  randomRate: knob(share.default(0.5), 'The share of answers that a random reward calls right.'),
  custom: plug(
    z.string().refine(isPluginPath, 'is a path: ./my/reward.ts').nullable().default(null),
    'Your own reward, such as ./my/reward.ts (docs/how-to/add-a-reward.md). It gets the ' +
      "built-in reward and returns another. It runs in azr's process. reward.source: random " +
      'replaces it.',
  ),
  complexity: intrinsic('how complex the program is (a negative weight penalises needless length)'),
  editDistance: intrinsic('how far the program is from its references, in tokens'),
  answerDiversity: intrinsic('how rare the answer is in a sample of the buffer'),
  intrinsicCap: knob(
    z.number().min(0).default(0.5),
    'The most that each of these three may add or take (published code).',
  ),
  combine: knob(
    z.enum(['sum', 'multiply', 'sumMultiply', 'multiplySum']).default('sum'),
    'How learnability and the three are combined: learnability plus or times their sum or ' +
      'their product (paper: adding the sum is most stable).',
  ),
})

export const advantage = section({
  method: knob(
    z.enum(['trr++', 'grpo', 'pass@k', 'none']).default('trr++'),
    'How rewards become advantages. trr++: whitened within each kind and role (paper, eq. 8). ' +
      'grpo: minus the mean of the answers to the same task, which needs several ' +
      '(solve.samples). pass@k: answers to the same task in groups of which one right answer is ' +
      'enough (arXiv 2508.10751), so that hard tasks count more; proposals as in trr++. none: ' +
      'the reward itself.',
  ),
  k: knob(
    positive.default(2),
    'pass@k: the answers of the largest group. The advantage is the mean over groups of 1 to k.',
  ),
  weighting: knob(
    z.enum(['token', 'sequence']).default('token'),
    'Whether mean and deviation are taken over tokens (published code) or over sequences (the' +
      " paper's text).",
  ),
  working: knob(
    z.enum(['answer', 'statements']).default('answer'),
    "The advantage of the tokens of an answer's working. answer: that of the whole answer " +
      '(paper). statements: each statement has its own, by whether its value is true when the ' +
      'program runs (dialect micro).',
  ),
  truncated: knob(
    z.enum(['keep', 'mask']).default('keep'),
    'What happens to completions that were cut off. keep: they are trained on like any other ' +
      '(published code; they were wrong, and unlearning them teaches brevity). mask: they count' +
      ' in the baseline only (DAPO: a cut answer may have been right).',
  ),
  zeroVariance: knob(
    z.enum(['keep', 'drop']).default('keep'),
    'What happens to groups in which all rewards are equal. keep: they carry the entropy ' +
      'bonus (paper). drop: they are left out, which saves their passes (DAPO). No other ' +
      'samples replace them.',
  ),
  proposerWeight: knob(
    z.number().min(0).default(1),
    "The weight of the proposer's groups in the loss.",
  ),
  solverWeight: knob(
    z.number().min(0).default(1),
    "The weight of the solver's groups in the loss (lambda).",
  ),
})
