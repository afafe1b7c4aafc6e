/** Knobs of rewards, and of how they become advantages: a part of config.ts. */
import { z } from 'zod'
import { knob, plug, section, share } from './knob.ts'
import { isPluginPath } from './plugin-path.ts'

const intrinsic = (what: string) =>
  knob(
    z.number().default(0),
    `The weight of ${what}, in the reward of a learnable proposal. 0: it is measured on a sample ` +
      'and not rewarded (the published scripts).',
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
    'Proposer: the reward of a valid task that is known already.',
  ),
  zeroLearnability: knob(
    z.number().default(-0.5),
    'Proposer: the reward of a task that is always or never solved. Equation 4 says 0; the ' +
      'published models used -0.5.',
  ),
  induction: knob(
    z.enum(['binary', 'accuracy', 'ifOneCorrect']).default('binary'),
    'How kinds that hide pairs (induction) are paid. binary: for all hidden pairs (the ' +
      'published scripts). accuracy: by the share of right pairs. ifOneCorrect: for any right ' +
      'pair. An answer that earns anything counts as solving the task. Held-out suites always ' +
      'ask for all pairs.',
  ),
  source: knob(
    z.enum(['executor', 'random']).default('executor'),
    'What rewards come from. random is a control: it draws right or wrong by key, for both ' +
      'roles. Verdicts stay true.',
  ),
  randomRate: knob(share.default(0.5), 'The share of answers that a random reward calls right.'),
  custom: plug(
    z.string().refine(isPluginPath, 'is a path: ./my/reward.ts').nullable().default(null),
    'A reward of your own, such as ./my/reward.ts (docs/how-to/add-a-reward.md). It gets the ' +
      "built-in reward and pays its own instead. It runs in azr's process. reward.source: " +
      'random replaces it.',
  ),
  complexity: intrinsic(
    'how involved the program is (a negative one is a price for needless length)',
  ),
  editDistance: intrinsic('how far the program is from its references, in tokens'),
  answerDiversity: intrinsic('how rare the answer is in a sample of the buffer'),
  intrinsicCap: knob(
    z.number().min(0).default(0.5),
    'The most that each of these three may add or take (published code).',
  ),
  combine: knob(
    z.enum(['sum', 'multiply', 'sumMultiply', 'multiplySum']).default('sum'),
    'How learnability and the three are combined: plus or times their sum or their product ' +
      '(paper: the sum is most stable).',
  ),
})

export const advantage = section({
  method: knob(
    z.enum(['trr++', 'grpo', 'none']).default('trr++'),
    'How rewards become advantages. trr++: whitened within each kind and role (paper, eq. 8).' +
      ' grpo: less the mean of the answers to the same task, which needs several ' +
      '(estimate.reuse or solve.samples). none: the bare reward.',
  ),
  weighting: knob(
    z.enum(['token', 'sequence']).default('token'),
    'Whether mean and deviation are taken over tokens (published code) or over sequences (the' +
      " paper's text).",
  ),
  working: knob(
    z.enum(['answer', 'statements']).default('answer'),
    "What the working of an answer earns: the answer's advantage (paper), or each statement its own, " +
      'by whether the value that it tells is true when the program runs (dialect micro).',
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
      'bonus (paper). drop: they are left out, which saves their passes (DAPO). Nothing is ' +
      'sampled instead.',
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
