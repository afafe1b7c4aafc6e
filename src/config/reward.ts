/** The knobs of what is rewarded, and of how a reward becomes an advantage: a part of config.ts. */
import { z } from 'zod'
import { knob, plug, section, share } from './knob.ts'
import { isPluginPath } from './plugin-path.ts'

const intrinsic = (what: string) =>
  knob(
    z.number().default(0),
    `Weight in a learnable proposal's reward of ${what}. 0: measured on a sample, not rewarded ` +
      '(the published scripts).',
  )

export const reward = section({
  correct: knob(z.number().default(1), 'Solver: the answer is right.'),
  wrong: knob(z.number().default(-0.5), 'Solver: well formed, and not right (paper, eq. 6).'),
  malformed: knob(z.number().default(-1), 'Solver: no answer to judge (paper, eq. 6).'),
  invalid: knob(z.number().default(-1), 'Proposer: malformed or refused (paper, eq. 6).'),
  duplicate: knob(z.number().default(-0.5), 'Proposer: valid, but known already.'),
  zeroLearnability: knob(
    z.number().default(-0.5),
    'Proposer: solved always or never. Eq. 4 says 0; the published models used -0.5.',
  ),
  induction: knob(
    z.enum(['binary', 'accuracy', 'ifOneCorrect']).default('binary'),
    'Kinds that hide pairs (induction): all hidden pairs, their mean, or one of them (the published ' +
      'scripts: binary). An answer that earns anything counts as solving the task; held-out suites ' +
      'ask for all pairs in any case.',
  ),
  source: knob(
    z.enum(['executor', 'random']).default('executor'),
    'What rewards come from. random is a control: right or wrong by a keyed draw, for both roles; ' +
      'verdicts stay true.',
  ),
  randomRate: knob(share.default(0.5), 'Share that a random reward calls right.'),
  custom: plug(
    z.string().refine(isPluginPath, 'is a path: ./my/reward.ts').nullable().default(null),
    'A reward of your own, ./my/reward.ts: gets what the rules above pay, and pays in its place ' +
      '(docs/how-to/add-a-reward.md). It runs in our process. source: random replaces it.',
  ),
  complexity: intrinsic('how involved the program is; below 0 a price for needless length'),
  editDistance: intrinsic('the distance of the program from its references, by tokens'),
  answerDiversity: intrinsic('how rare its answer is in a sample of the buffer'),
  intrinsicCap: knob(
    z.number().min(0).default(0.5),
    'Most that each of the three may add or take (published code).',
  ),
  combine: knob(
    z.enum(['sum', 'multiply', 'sumMultiply', 'multiplySum']).default('sum'),
    'Learnability plus or times the sum or the product of them (paper: the sum is most stable).',
  ),
})

export const advantage = section({
  method: knob(
    z.enum(['trr++', 'grpo', 'none']).default('trr++'),
    'Whitened within each kind and role (paper, eq. 8), less the mean of the answers to the same ' +
      'task (of which there have to be several: estimate.reuse or solve.samples), or the bare reward.',
  ),
  weighting: knob(
    z.enum(['token', 'sequence']).default('token'),
    "What mean and deviation are taken over: tokens (published code) or sequences (paper's text).",
  ),
  working: knob(
    z.enum(['answer', 'statements']).default('answer'),
    "What the working of an answer earns: the answer's advantage (paper), or each statement its own, " +
      'by whether the value that it tells is true when the program runs (dialect micro).',
  ),
  truncated: knob(
    z.enum(['keep', 'mask']).default('keep'),
    'Completions that were cut at their length: trained on like any other (published code; they were ' +
      'wrong, and unlearning them teaches brevity), or in the baseline only (DAPO: a cut answer may ' +
      'have been right).',
  ),
  zeroVariance: knob(
    z.enum(['keep', 'drop']).default('keep'),
    'Groups with one baseline and equal rewards: kept, as they carry the entropy bonus (paper), or ' +
      'dropped, which saves their passes (DAPO). Nothing is sampled in their place.',
  ),
  proposerWeight: knob(z.number().min(0).default(1), "Weight of the proposer's groups."),
  solverWeight: knob(z.number().min(0).default(1), 'Lambda: weight of the solver groups.'),
})
