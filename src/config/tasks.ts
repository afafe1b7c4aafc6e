/** Knobs of how tasks are proposed, kept and solved: a part of config.ts. */
import { z } from 'zod'
import { answers, count, knob, plug, positive, section, share } from './knob.ts'

export const reading = section({
  rules: knob(
    z.enum(['published', 'strict']).default('published'),
    'How an r1 text is read. published: everything that the published code reads (an untagged ' +
      'fence, `# Output:`, an answer without a fence, `2 + 2`). An answer that cannot be read ' +
      'is then wrong, not malformed (equation 6). strict: literals in tagged fences only.',
  ),
  gate: knob(
    z.boolean().default(true),
    'Requires both blocks, thinking first (published: format_reward). Without it the text ' +
      'after <answer> is read, whatever comes before.',
  ),
  functions: knob(
    z.enum(['any', 'one']).default('any'),
    'How many functions and methods a proposed program may define. The published scripts for ' +
      'Qwen2.5 refuse more than one, though the prompt allows them.',
  ),
  stop: knob(
    z.boolean().default(true),
    'Ends a completion at </answer>. The published code lets it continue to the end of ' +
      'sequence, and trains on that text.',
  ),
  think: knob(
    z
      .string()
      .regex(/^[a-z]+$/, 'has to be a word of small letters')
      .default('think'),
    'The tag of thoughts in prompts and answers. If a model has <think> as a token but never ' +
      'learned it (Qwen3 base models), choose another word, such as thought.',
  ),
})

export const seeding = section({
  size: knob(count.default(256), 'Tasks of each kind before step 1 (paper: 4 batches of 64).'),
  minimum: knob(count.default(1), 'The run stops if a kind has fewer tasks after the seeding.'),
  rounds: knob(positive.default(20), 'The most rounds of proposing.'),
  batch: knob(positive.default(64), 'Proposals of each kind in a round.'),
  references: knob(
    count.nullable().default(null),
    'The number of references in the seeding (K). null: propose.references. With it a run ' +
      'without references can have the same seeds as another.',
  ),
  from: plug(
    z.string().nullable().default(null),
    'A file of seeds, such as ./seeds.jsonl (`azr seeds import`). Each is checked like a ' +
      'proposal, and is a task before the first round. The model proposes what is missing.',
  ),
  shared: knob(
    z.boolean().default(false),
    'Whether a seed of deduction is also one of abduction, and vice versa (published code). ' +
      'One set then fills both in half of the rounds. Without it each kind begins with its own ' +
      'tasks.',
  ),
  comments: knob(
    z.enum(['keep', 'remove']).default('keep'),
    'Whether programs keep comments and docstrings when they are proposed as seeds. The ' +
      'published scripts remove them there, and keep them in self-play.',
  ),
  inductionLast: knob(
    z.boolean().default(false),
    'Whether kinds that are proposed from programs (induction) wait until the others are ' +
      'full, for half of the rounds at most (published code). Without it they are proposed at ' +
      'the same time, at first from the zero task alone, which takes fewer rounds.',
  ),
})

const sampling = {
  maxTokens: knob(positive.default(8096), 'The most tokens of a completion (paper, table 3).'),
  temperature: knob(z.number().min(0).default(1), 'The sampling temperature (paper, table 3).'),
  topP: knob(
    share.default(1),
    'Samples from the likeliest tokens of this total probability (paper, table 3). It has to ' +
      'be 1 where answers are trained on.',
  ),
}

export const propose = section({
  batch: knob(
    count.default(64),
    'Proposals of each kind per step (paper). 0: none, so the buffers stay as the seeding ' +
      'left them.',
  ),
  references: knob(
    count.default(6),
    'The number of earlier tasks in a prompt (K), for kinds that are not proposed from a ' +
      'program (paper).',
  ),
  draw: knob(
    z.enum(['uniform', 'recency']).default('uniform'),
    'How references and programs are drawn. uniform: all equally likely. recency: in ' +
      'proportion to the step in which they came + 1, which may collapse (paper, appendix D.3).',
  ),
  inputs: knob(
    z.int().min(2).default(10),
    'The number of inputs of an induction proposal (N, paper), or of another kind that has ' +
      'several. Solvers see half of them.',
  ),
  extras: knob(
    z.enum(['refused', 'dropped']).default('refused'),
    'What happens to a proposal in r1 with more parts than requested, such as a second ' +
      'program or more than N inputs. refused: it is refused. dropped: it is read without them, ' +
      'and the last N inputs count (published code). Parts that are neither needed nor ' +
      'penalised grow until texts are cut off (docs/decisions/0014).',
  ),
  recall: knob(
    count.default(4),
    'How many earlier proposals of a kind are trained on again in a step in which at most a ' +
      'quarter of its own are valid. If all fail alike, their rewards teach nothing, and the ' +
      'kind would not recover. 0: none (paper).',
  ),
  instances: knob(
    count.default(0),
    'How many pairs of each accepted induction task become deduction and abduction tasks. ' +
      'They cost no sample and no execution. The paper has none.',
  ),
  composite: knob(
    share.default(0),
    'The share of deduction and abduction proposals that have to build on the functions of ' +
      'one to three references (paper, appendix: 0.5). It is off in every published script, and' +
      ' works in the dialect r1 only.',
  ),
  corpus: plug(
    z.string().min(1).nullable().default(null),
    'A folder of Python files, such as ./src, whose functions proposals begin with ' +
      '(docs/how-to/own-code.md). They are read once, when the run begins. A run with it is ' +
      'not one without human data. null: none (paper).',
  ),
  corpusShare: knob(
    share.default(0.5),
    'The share of proposals that begin with the corpus, if there is one: with one of its ' +
      'functions, or with references that were made of them.',
  ),
  parameters: knob(
    share.default(0),
    'The share of deduction and abduction proposals whose function has to take drawn ' +
      'parameters, such as `text: str, k: int`. It keeps the tasks of a small model from ' +
      'becoming alike, and works in the dialect code only. The paper has none.',
  ),
  train: knob(
    z.boolean().default(true),
    'Whether proposals are trained on (paper, table 2). Without it they still come from the ' +
      'weights that the solver trains.',
  ),
  ...sampling,
})

export const estimate = section({
  samples: knob(
    answers.default(8),
    "The number of answers that estimate a task's difficulty (n, paper).",
  ),
  reuse: knob(
    z.boolean().default(false),
    'Whether the answers of the estimate are trained on (paper: no). It needs solve.on: ' +
      'current.',
  ),
})

export const solve = section({
  batch: knob(count.default(64), 'Tasks of each kind that are solved per step (paper).'),
  samples: knob(answers.default(1), 'Fresh answers to each task (paper: 1).'),
  on: knob(
    z.enum(['current', 'previous']).default('current'),
    "Which tasks come first: this step's (the paper), or the previous step's (its published" +
      ' code).',
  ),
  fresh: knob(
    share.default(1),
    'The share of the batch that new tasks may take while the buffer has others. 1: all of it ' +
      '(the published scripts; their unused option half_new is 0.5).',
  ),
  draw: knob(
    z.enum(['uniform', 'learnability']).default('uniform'),
    'How tasks are drawn. uniform: all equally likely (paper). learnability: in proportion to ' +
      's(1 - s) of their newest estimate.samples answers, or 1/6 without answers.',
  ),
  ...sampling,
})

export const task = section({
  maxOutputChars: knob(
    positive.default(400),
    'Tasks with longer outputs are refused. Outputs are never cut.',
  ),
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
  refuseDuplicates: knob(
    z.boolean().default(true),
    'Refuses a task whose program and inputs are known already.',
  ),
  refuseUnread: knob(
    z.boolean().default(false),
    'Refuses a program with a parameter that it never reads, such as one that returns the same ' +
      'for all inputs. A small model soon writes nothing else. The paper has no such rule.',
  ),
  minDistinctOutputs: knob(
    positive.default(1),
    'The number of different outputs that a task of several pairs needs.',
  ),
})
