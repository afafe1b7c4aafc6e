/** Knobs of how tasks are proposed, kept and solved: a part of config.ts. */
import { z } from 'zod'
import { answers, count, knob, plug, positive, section, share } from './knob.ts'

export const reading = section({
  rules: knob(
    z.enum(['published', 'strict']).default('published'),
    'What of an r1 text is read: all that the published code reads (an untagged fence, `# Output:`, ' +
      'an answer without a fence, `2 + 2`), where what cannot be read is wrong and no fault of form ' +
      '(equation 6); or tagged fences of literals alone.',
  ),
  gate: knob(
    z.boolean().default(true),
    'Both blocks are needed, thinking first (published: format_reward). Without it what follows ' +
      '<answer> is read, whatever stands before it.',
  ),
  functions: knob(
    z.enum(['any', 'one']).default('any'),
    'Functions and methods of a proposed program. The published scripts for Qwen2.5 refuse more than ' +
      'one, though the prompt allows them.',
  ),
  stop: knob(
    z.boolean().default(true),
    'Ends a completion at </answer>. The published code lets it go on to the end of sequence, and ' +
      'trains on what follows.',
  ),
  think: knob(
    z
      .string()
      .regex(/^[a-z]+$/, 'is a word of small letters')
      .default('think'),
    'Tag of thoughts, in prompts and answers. A model that has <think> as a token which it never ' +
      'learned (Qwen3 base models) takes another, such as thought.',
  ),
})

export const seeding = section({
  size: knob(count.default(256), 'Tasks of each kind before step 1 (paper: 4 batches of 64).'),
  minimum: knob(count.default(1), 'Tasks of each kind without which the run stops.'),
  rounds: knob(positive.default(20), 'Bound on the rounds of proposing.'),
  batch: knob(positive.default(64), 'Proposals of each kind in a round.'),
  references: knob(
    count.nullable().default(null),
    'K of the seeding; null: propose.references. Lets a run without references have equal seeds.',
  ),
  from: plug(
    z.string().nullable().default(null),
    'Seeds of others, ./seeds.jsonl: each is checked as a proposal is, and is there before the first ' +
      'round (`azr seeds import`). What is missing to the size is proposed.',
  ),
  shared: knob(
    z.boolean().default(false),
    'A seed of deduction is one of abduction too, and the other way (published code): one set fills ' +
      'both, in half of the rounds. Apart, each kind begins with tasks that were made for it.',
  ),
  comments: knob(
    z.enum(['keep', 'remove']).default('keep'),
    'Of programs that are proposed as seeds; the published scripts remove comments and docstrings ' +
      'there, and keep them in self-play.',
  ),
  inductionLast: knob(
    z.boolean().default(false),
    'Kinds proposed from programs (induction) wait until the others are full, half of the rounds at ' +
      'most (published code). Else they are proposed beside them, in the first round from the zero ' +
      'task alone: fewer rounds.',
  ),
})

const sampling = {
  maxTokens: knob(positive.default(8096), 'Length of a completion (paper, table 3).'),
  temperature: knob(z.number().min(0).default(1), 'Paper, table 3.'),
  topP: knob(share.default(1), 'Paper, table 3. 1 where answers are trained on.'),
}

export const propose = section({
  batch: knob(
    count.default(64),
    'Proposals of each kind a step (paper). 0: none, the buffers stay as the seeding left them.',
  ),
  references: knob(
    count.default(6),
    'K: tasks shown to kinds that are not proposed from a program (paper).',
  ),
  draw: knob(
    z.enum(['uniform', 'recency']).default('uniform'),
    'How references and programs are drawn: all as likely, or in proportion to the step added + 1, ' +
      'which may collapse (paper, appendix D.3).',
  ),
  inputs: knob(
    z.int().min(2).default(10),
    'N: inputs of an induction proposal (paper), or of another kind of several; half are shown.',
  ),
  extras: knob(
    z.enum(['refused', 'dropped']).default('refused'),
    'A proposal in r1 with parts beyond those asked for, as a second program or more inputs than N: ' +
      'refused, or read without them, the last N inputs counting (published code). What is neither ' +
      'needed nor punished drifts until texts are cut off (docs/decisions/0014).',
  ),
  recall: knob(
    count.default(4),
    'Earlier proposals of a kind that are trained on again, so many, in a step in which all of its own ' +
      'fail alike: equal rewards teach nothing, and it would stay dead. 0: none (paper).',
  ),
  instances: knob(
    count.default(0),
    'Deduction and abduction tasks made of the pairs of each accepted induction task: beyond the ' +
      'paper, so none. They cost no sample and no execution.',
  ),
  composite: knob(
    share.default(0),
    'Share of the proposals of deduction and abduction that have to build on the functions of one to ' +
      'three references (paper, appendix: 0.5). Off in every published script; the dialect r1 only.',
  ),
  train: knob(
    z.boolean().default(true),
    'Whether proposals are trained on (paper, table 2). Without it they still come from the ' +
      'weights that the solver trains.',
  ),
  ...sampling,
})

export const estimate = section({
  samples: knob(answers.default(8), 'n: answers that estimate a difficulty (paper).'),
  reuse: knob(
    z.boolean().default(false),
    'Train on the answers of the estimate (paper: no). Needs solve.on: current.',
  ),
})

export const solve = section({
  batch: knob(count.default(64), 'Tasks of each kind a step (paper).'),
  samples: knob(answers.default(1), 'Fresh answers to each task (paper: 1).'),
  on: knob(
    z.enum(['current', 'previous']).default('current'),
    "This step's tasks first (the paper), or the previous step's (its published code).",
  ),
  fresh: knob(
    share.default(1),
    'Share of the batch that new tasks may take while the buffer has others: all of it (the ' +
      'published scripts), half (their half_new) or less.',
  ),
  draw: knob(
    z.enum(['uniform', 'learnability']).default('uniform'),
    'How tasks are drawn: all as likely (paper), or in proportion to s(1 - s) of their newest ' +
      'estimate.samples answers; 1/6 where there are none.',
  ),
  ...sampling,
})

export const task = section({
  maxOutputChars: knob(positive.default(400), 'Longer outputs are refused, never cut.'),
  maxProgramChars: knob(positive.default(8000), 'Longer programs are refused.'),
  bannedWords: knob(
    z
      .array(z.string())
      .default([
        'logging',
        'random',
        'multiprocessing',
        'pebble',
        'subprocess',
        'threading',
        'datetime',
        'time',
        'hashlib',
        'hmac',
        'bcrypt',
        'calendar',
        'os.sys',
        'os.path',
        'sys.exit',
        'os.environ',
      ]),
    'Modules and dotted names that a task may not use (paper, figure 8).',
  ),
  refuseDuplicates: knob(z.boolean().default(true), 'Equal program and inputs are refused.'),
  minDistinctOutputs: knob(
    positive.default(1),
    'Different outputs that a task of several pairs needs.',
  ),
})
